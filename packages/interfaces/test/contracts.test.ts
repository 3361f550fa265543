import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import {
  tokens,
  type Cache,
  type FileMetadata,
  type IStorageProvider,
  type JobDefinition,
  type JobQueue,
  type Principal,
  type PubSub,
  type SqlPool,
  type StandardSchema,
  type StoreFileOptions,
  type StoreFileRequest,
  type Token,
  type Topic,
} from "../src/index.js";

/** Stands for a value where only types are asked. */
const some = <T>(): T => undefined as T;

/** The four that the original design requires, and nothing else. */
class SmallProvider implements IStorageProvider {
  readonly #files = new Map<string, Buffer>();

  async storeFile(options: StoreFileOptions): Promise<string> {
    const { key = "new", content } = options;
    if (typeof content !== "string") throw new TypeError("only text");
    this.#files.set(key, Buffer.from(content));
    return key;
  }
  async getFileContent(fileId: string): Promise<Buffer> {
    return this.#files.get(fileId)!;
  }
  async deleteFile(fileId: string): Promise<void> {
    this.#files.delete(fileId);
  }
  async exists(fileId: string): Promise<boolean> {
    return this.#files.has(fileId);
  }
}

describe("tokens", () => {
  it("have the id of their name", () => {
    for (const [name, token] of Object.entries<Token<unknown>>(tokens)) {
      expect([token.id, token.name]).toEqual([Symbol.for(`infra.${name}`), name]);
    }
  });

  it("carry the type of their contract", () => {
    expectTypeOf(tokens.cache).toEqualTypeOf<Token<Cache>>();
    expectTypeOf(tokens.jobs).toEqualTypeOf<Token<JobQueue>>();
    expectTypeOf(tokens.pubsub).toEqualTypeOf<Token<PubSub>>();
    expect(Object.isFrozen(tokens.cache)).toBe(true);
  });
});

describe("IStorageProvider", () => {
  it("requires four methods", async () => {
    const provider = new SmallProvider();
    const fileId = await provider.storeFile({ content: "hello", key: "a/b" });
    expect(String(await provider.getFileContent(fileId))).toBe("hello");
    await provider.deleteFile(fileId);
    expect(await provider.exists(fileId)).toBe(false);
    type Required = {
      [K in keyof IStorageProvider as object extends Pick<IStorageProvider, K> ? never : K]: K;
    };
    expectTypeOf<keyof Required>().toEqualTypeOf<
      "storeFile" | "getFileContent" | "deleteFile" | "exists"
    >();
  });

  it("takes text, bytes and streams", () => {
    expectTypeOf<StoreFileOptions["content"]>().toEqualTypeOf<
      string | Uint8Array | AsyncIterable<Uint8Array>
    >();
    expectTypeOf<NodeJS.ReadableStream & AsyncIterable<Buffer>>().toExtend<
      StoreFileOptions["content"]
    >();
    expectTypeOf<{ content: string }>().toExtend<StoreFileRequest>();
    expectTypeOf<{ path: string }>().toExtend<StoreFileRequest>();
    expectTypeOf<{ key: string }>().not.toExtend<StoreFileRequest>();
    expectTypeOf<{ content: string; path: string }>().not.toExtend<StoreFileRequest>();
    expectTypeOf<FileMetadata["metadata"]>().toEqualTypeOf<Readonly<Record<string, string>>>();
  });
});

describe("contracts", () => {
  it("accept a signal that may be undefined", () => {
    const signal = some<AbortSignal | undefined>();
    expectTypeOf({ signal }).toExtend<NonNullable<Parameters<Cache["get"]>[1]>>();
    expectTypeOf({ signal }).toExtend<NonNullable<Parameters<JobQueue["enqueue"]>[2]>>();
    expectTypeOf({ signal }).toExtend<NonNullable<Parameters<PubSub["subscribe"]>[2]>>();
    expect(signal).toBeUndefined();
  });

  it("type a job's payload by its definition", () => {
    const jobs = some<JobQueue>();
    const mail: JobDefinition<{ readonly to: string }> = { name: "mail" };
    const check = (): unknown => [
      jobs.enqueue(mail, { to: "a@example.org" }, { delay: "5m" }),
      // @ts-expect-error the payload has another shape
      jobs.enqueue(mail, { from: "a@example.org" }),
    ];
    expect(check).toThrow(TypeError);
  });

  it("type a message by its topic", () => {
    const pubsub = some<PubSub>();
    const created: Topic<{ readonly id: number }> = { name: "orders.created" };
    const check = (): unknown => [
      pubsub.subscribe(created, ({ id }) => void expectTypeOf(id).toEqualTypeOf<number>()),
      pubsub.subscribe("orders.*", (message) => void expectTypeOf(message).toBeUnknown()),
      // @ts-expect-error the message has another shape
      pubsub.publish(created, { id: "7" }),
    ];
    expect(check).toThrow(TypeError);
  });

  it("type a cached value by its loader", () => {
    const cache = some<Cache>();
    const check = (): unknown =>
      expectTypeOf(
        cache.getOrSet("k", async ({ signal }) => signal.aborted),
      ).resolves.toEqualTypeOf<boolean>();
    expect(check).toThrow(TypeError);
    expectTypeOf<Principal["roles"]>().toEqualTypeOf<readonly string[]>();
  });

  it("are satisfied by what they describe", () => {
    // the shapes of a Standard Schema library and of pg
    const schema = {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: (value: unknown) => ({ value: String(value) }),
      },
    };
    expectTypeOf(schema).toExtend<StandardSchema<string>>();
    interface PgResult {
      rows: Record<string, unknown>[];
      rowCount: number | null;
      command: string;
      oid: number;
    }
    interface PgPool {
      query(text: string, values?: unknown): Promise<PgResult & { rows: never[] }>;
      connect(): Promise<PgPool & { release(error?: Error | boolean): void }>;
      end(): Promise<void>;
    }
    expectTypeOf<PgPool>().toExtend<SqlPool>();
    expect(schema["~standard"].validate(7)).toEqual({ value: "7" });
  });
});

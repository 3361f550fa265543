import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import type {
  ByteSize,
  Cache,
  CacheStore,
  Database,
  Duration,
  FileMetadata,
  Invalidation,
  InvalidationBus,
  IsolationLevel,
  IStorageProvider,
  Propagation,
  SqlClient,
  SqlPool,
  SqlPoolOptions,
  SqlResult,
  Storage,
  StoreFileOptions,
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

describe("Duration and ByteSize", () => {
  it("are numbers, or numbers with a unit", () => {
    expectTypeOf<"30s" | "1.5m" | "250ms" | "7d" | 5>().toExtend<Duration>();
    expectTypeOf<"64kb" | "1.5gb" | 5>().toExtend<ByteSize>();
    expectTypeOf<"30">().not.toExtend<Duration>();
    expectTypeOf<"30 years">().not.toExtend<Duration>();
    expectTypeOf<"10mb">().not.toExtend<Duration>();
    expectTypeOf<"30s">().not.toExtend<ByteSize>();
    expect(some<Duration>()).toBeUndefined();
  });
});

describe("Database", () => {
  it("types rows by what the caller expects, and leaves them open otherwise", () => {
    const database = some<Database>();
    const check = (): unknown => [
      expectTypeOf(database.query<{ id: number }>("select 1")).resolves.toEqualTypeOf<
        { id: number }[]
      >(),
      expectTypeOf(database.query("select ?", [1, null, new Date()])).resolves.toEqualTypeOf<
        Record<string, unknown>[]
      >(),
    ];
    expect(check).toThrow(TypeError);
  });

  it("gives what the transaction's work gives, and takes its options", () => {
    const database = some<Database>();
    const check = (): unknown => [
      expectTypeOf(
        database.transaction(async () => 7, {
          propagation: "requires-new",
          isolation: "serializable",
          readOnly: true,
          retries: 3,
          signal: undefined,
        }),
      ).resolves.toEqualTypeOf<number>(),
      // @ts-expect-error no such propagation
      database.transaction(async () => 7, { propagation: "never" }),
    ];
    expect(check).toThrow(TypeError);
    expectTypeOf<Propagation>().toEqualTypeOf<"required" | "requires-new" | "nested">();
    expectTypeOf<IsolationLevel>().toEqualTypeOf<
      "read committed" | "repeatable read" | "serializable" | "read uncommitted"
    >();
    expectTypeOf<Database["afterCommit"]>().toEqualTypeOf<
      (callback: () => void | Promise<void>) => void
    >();
    expectTypeOf<Database["openPool"]>().toEqualTypeOf<
      (options?: SqlPoolOptions) => Promise<SqlPool>
    >();
  });
});

describe("SqlPool", () => {
  it("is satisfied by pg's own pool", () => {
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
    expectTypeOf<SqlResult>().toEqualTypeOf<{
      readonly rows: Record<string, unknown>[];
      readonly rowCount: number | null;
      readonly command: string;
    }>();
    expectTypeOf<SqlClient["release"]>().toEqualTypeOf<(destroy?: boolean | Error) => void>();
    expect(some<SqlPool>()).toBeUndefined();
  });
});

describe("Cache", () => {
  it("types a value by its caller, or by its loader", () => {
    const cache = some<Cache>();
    const check = (): unknown => [
      expectTypeOf(cache.get<number>("k")).resolves.toEqualTypeOf<number | undefined>(),
      expectTypeOf(cache.get("k")).resolves.toBeUnknown(),
      expectTypeOf(cache.getMany<number>(["k"])).resolves.toEqualTypeOf<Map<string, number>>(),
      expectTypeOf(
        cache.getOrSet("k", async ({ signal }) => signal.aborted, { ttl: "5m", tags: ["a"] }),
      ).resolves.toEqualTypeOf<boolean>(),
      expectTypeOf(cache.delete("k")).resolves.toEqualTypeOf<boolean>(),
      expectTypeOf(cache.namespace("n")).toEqualTypeOf<Cache>(),
      cache.setMany(new Map([["k", 1]]), { ttl: 1000 }),
      // @ts-expect-error no duration
      cache.set("k", 1, { ttl: "soon" }),
    ];
    expect(check).toThrow(TypeError);
  });
});

describe("CacheStore and InvalidationBus", () => {
  it("keep text by key, and give undefined for what is missing", () => {
    expectTypeOf<CacheStore["get"]>().returns.resolves.toEqualTypeOf<string | undefined>();
    expectTypeOf<CacheStore["getMany"]>().returns.resolves.toEqualTypeOf<
      readonly (string | undefined)[]
    >();
    expectTypeOf<CacheStore["add"]>().returns.resolves.toEqualTypeOf<boolean>();
    expectTypeOf<CacheStore["delete"]>().returns.resolves.toEqualTypeOf<number>();
    expectTypeOf<{ readonly origin: "me"; readonly tags: ["a"] }>().toExtend<Invalidation>();
    expectTypeOf<InvalidationBus["subscribe"]>().returns.resolves.toEqualTypeOf<
      () => Promise<void>
    >();
    expect(some<CacheStore>()).toBeUndefined();
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
    expectTypeOf<ReadableStream<Uint8Array>>().toExtend<StoreFileOptions["content"]>();
    expectTypeOf<FileMetadata["metadata"]>().toEqualTypeOf<Readonly<Record<string, string>>>();
    expectTypeOf<FileMetadata["modifiedAt"]>().toEqualTypeOf<Date>();
    expect(some<FileMetadata>()).toBeUndefined();
  });
});

describe("Storage", () => {
  it("takes what a provider takes, and the provider's name", () => {
    const storage = some<Storage>();
    const check = (): unknown => [
      expectTypeOf(
        storage.storeFile({ content: "x", key: "a", provider: "archive", signal: undefined }),
      ).resolves.toEqualTypeOf<string>(),
      expectTypeOf(storage.getFileContent("a")).resolves.toEqualTypeOf<Buffer>(),
      expectTypeOf(
        storage.getFileStream("a", { range: { start: 0 }, provider: "archive" }),
      ).resolves.toExtend<AsyncIterable<Uint8Array>>(),
      expectTypeOf(storage.getMetadata("a")).resolves.toEqualTypeOf<FileMetadata>(),
      expectTypeOf(storage.getSignedUrl("a", { expiresIn: "5m" })).resolves.toEqualTypeOf<string>(),
      // @ts-expect-error what is stored has a content
      storage.storeFile({ key: "a" }),
    ];
    expect(check).toThrow(TypeError);
  });
});

import type { HealthReport, IStorageProvider, StartContext, StopContext } from "@infra/interfaces";

/** What {@link StorageService.stats} counts for each provider. */
export interface ProviderStats {
  /** Calls that came to a good end. */
  readonly succeeded: number;
  readonly failed: number;
  /** Calls and streams under way. */
  readonly active: number;
  readonly storedBytes: number;
  readonly readBytes: number;
}

/** A provider by its name, with what it has done. */
export interface NamedProvider {
  readonly name: string;
  readonly provider: IStorageProvider;
  readonly counts: { -readonly [K in keyof ProviderStats]: ProviderStats[K] };
}

interface Entry {
  readonly name: string;
  readonly open: () => Promise<IStorageProvider>;
  readonly counts: NamedProvider["counts"];
  ready: Promise<NamedProvider> | undefined;
}

/** The name of the provider that the URL opens. */
export const urlProviderName = "default";

/** The providers of a storage by name; each is started when it is first used, or with all others. */
export class ProviderRegistry {
  readonly #entries = new Map<string, Entry>();
  #defaultName = urlProviderName;

  constructor(openDefault: () => Promise<IStorageProvider>) {
    this.#add(urlProviderName, openDefault);
  }

  /** @throws TypeError when it lacks a method that is required, RangeError when the name is taken. */
  register(name: string, provider: IStorageProvider, isDefault: boolean): void {
    if (typeof name !== "string" || name === "") {
      throw new TypeError(`name must be a non-empty string, got ${JSON.stringify(name)}`);
    }
    for (const method of ["storeFile", "getFileContent", "deleteFile", "exists"] as const) {
      if (typeof provider?.[method] === "function") continue;
      throw new TypeError(`provider ${JSON.stringify(name)} must have a method ${method}()`);
    }
    const old = this.#entries.get(name);
    if (old && (name !== urlProviderName || old.ready)) {
      throw new RangeError(`there is a provider ${JSON.stringify(name)} already`);
    }
    this.#add(name, () => Promise.resolve(provider));
    if (isDefault) this.#defaultName = name;
  }

  /** The provider of a name, started. @throws RangeError when there is none. */
  ready(name = this.#defaultName, context?: StartContext): Promise<NamedProvider> {
    const entry = this.#entries.get(name);
    if (!entry) {
      const names = [...this.#entries.keys()].map((each) => JSON.stringify(each)).join(", ");
      return Promise.reject(
        new RangeError(`provider must be one of ${names}, got ${JSON.stringify(name)}`),
      );
    }
    if (entry.ready) return entry.ready;
    const ready = startEntry(entry, context);
    entry.ready = ready;
    // a start that failed is tried again by the next call
    ready.catch(() => (entry.ready = undefined));
    return ready;
  }

  /** Starts those that will be used: the default one, and all that were registered. */
  async start(context: StartContext): Promise<void> {
    const names = [...this.#entries.keys()].filter(
      (name) => name !== urlProviderName || name === this.#defaultName,
    );
    await Promise.all(names.map((name) => this.ready(name, context)));
  }

  /** Stops those that were started. @throws AggregateError of what they threw, when all were tried. */
  async stop(context: StopContext): Promise<void> {
    const started = [...this.#entries.values()].flatMap(({ ready }) => ready ?? []);
    const results = await Promise.allSettled(
      started.map(async (ready) => {
        const named = await ready.catch(() => undefined);
        await named?.provider.stop?.(context);
      }),
    );
    for (const entry of this.#entries.values()) entry.ready = undefined;
    const errors = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason] : [],
    );
    if (errors.length > 0) throw new AggregateError(errors, "some storage providers did not stop");
  }

  /** What each provider that is in use says of itself. */
  async health(): Promise<ReadonlyMap<string, HealthReport>> {
    const reports = await Promise.all(
      [...this.#entries.values()]
        .filter(({ ready }) => ready !== undefined)
        .map(async ({ name, ready }) => [name, await healthOf(ready!)] as const),
    );
    return new Map(reports);
  }

  stats(): Readonly<Record<string, ProviderStats>> {
    return Object.fromEntries(
      [...this.#entries.values()].map(({ name, counts }) => [name, { ...counts }]),
    );
  }

  #add(name: string, open: () => Promise<IStorageProvider>): void {
    const counts = { succeeded: 0, failed: 0, active: 0, storedBytes: 0, readBytes: 0 };
    this.#entries.set(name, { name, open, counts, ready: undefined });
  }
}

async function startEntry(
  { name, open, counts }: Entry,
  context?: StartContext,
): Promise<NamedProvider> {
  const provider = await open();
  await provider.start?.(context);
  return { name, provider, counts };
}

async function healthOf(ready: Promise<NamedProvider>): Promise<HealthReport> {
  try {
    return (await (await ready).provider.health?.()) ?? { status: "up" };
  } catch (error) {
    return { status: "down", message: (error as Error).message };
  }
}

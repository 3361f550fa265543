import { tokens } from "@infra/interfaces";
import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import {
  defineId,
  IdGeneratorService,
  isUuid,
  nanoid,
  seededRandom,
  ulid,
  ulidSequence,
  uuidv4,
  uuidv7,
  uuidv7Sequence,
} from "../src/index.js";

const at = (ms: number) => ({ now: () => ms, monotonic: () => ms, setTimeout: () => () => {} });

function ones(size: number): Uint8Array {
  return new Uint8Array(size).fill(0xff);
}

function assertSortedAndUnique(ids: readonly string[]): void {
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(ids.length);
}

describe("uuidv7()", () => {
  it("is a UUID of version 7 that holds the time", () => {
    const id = uuidv7Sequence({ clock: at(0x0123456789ab) })();
    expect(isUuid(id, 7)).toBe(true);
    expect(id.slice(0, 13)).toBe("01234567-89ab");
  });

  it("sorts within one millisecond", () => {
    const next = uuidv7Sequence({ clock: at(1_700_000_000_000) });
    assertSortedAndUnique(Array.from({ length: 5000 }, () => next()));
  });

  it("sorts when the clock goes back", () => {
    let now = 1_700_000_000_000;
    const next = uuidv7Sequence({ clock: { ...at(0), now: () => now-- } });
    assertSortedAndUnique(Array.from({ length: 1000 }, () => next()));
  });

  it("sorts in the real time too", () => {
    assertSortedAndUnique(Array.from({ length: 20_000 }, () => uuidv7()));
  });

  it.each([
    ["across every carry", ones],
    ["though the randomness is nothing", (size: number) => new Uint8Array(size)],
  ])("grows %s", (_name, random) => {
    const next = uuidv7Sequence({ clock: at(1), random });
    assertSortedAndUnique(Array.from({ length: 1000 }, () => next()));
    expect(isUuid(next(), 7)).toBe(true);
  });
});

describe("ids that sort by time", () => {
  const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  const byte = fc.integer({ min: 0, max: 255 });

  it("only ever grow, whatever the clock and the randomness do", () => {
    fc.assert(
      fc.property(fc.array(time), fc.array(byte, { minLength: 1 }), (times, bytes) => {
        for (const sequence of [uuidv7Sequence, ulidSequence]) {
          let reading = 0;
          let drawn = 0;
          const next = sequence({
            clock: { ...at(0), now: () => times[reading++ % times.length] ?? 0 },
            random: (size) =>
              Uint8Array.from({ length: size }, () => bytes[drawn++ % bytes.length]!),
          });
          assertSortedAndUnique(Array.from({ length: times.length * 2 }, next));
        }
      }),
    );
  });

  it("hold the time that they were made at", () => {
    fc.assert(
      fc.property(time, (now) => {
        const id = uuidv7Sequence({ clock: at(now) })();
        expect(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(now);
        expect(isUuid(id, 7)).toBe(true);
      }),
    );
  });
});

describe("uuidv4()", () => {
  it("is a UUID of version 4, seeded or not", () => {
    expect([isUuid(uuidv4(), 4), isUuid(uuidv4(seededRandom(1)), 4)]).toEqual([true, true]);
    expect(isUuid("urn:uuid:1")).toBe(false);
  });
});

describe("ulid()", () => {
  it("is 26 characters in the specification's alphabet, and sorts within a millisecond", () => {
    expect(ulid()).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
    const next = ulidSequence({ clock: at(1_700_000_000_000) });
    assertSortedAndUnique(Array.from({ length: 5000 }, () => next()));
  });

  it("holds the time as the specification has it", () => {
    expect(ulidSequence({ clock: at(1_469_918_176_385) })().slice(0, 10)).toBe("01ARYZ6S41");
  });
});

describe("nanoid()", () => {
  it("is URL-safe, of the size asked for", () => {
    expect(nanoid()).toMatch(/^[\w-]{21}$/);
    expect(nanoid({ size: 5, alphabet: "ab" })).toMatch(/^[ab]{5}$/);
  });

  it("takes each character as often as any other", () => {
    const counts = new Map<string, number>();
    const random = seededRandom(7);
    for (const character of nanoid({ size: 30_000, alphabet: "abc", random })) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it("refuses a size or an alphabet out of range", () => {
    expect(() => nanoid({ size: 0 })).toThrow("nanoid: size must be a whole number >= 1, got 0");
    expect(() => nanoid({ alphabet: "aa" })).toThrow(RangeError);
  });
});

describe("defineId()", () => {
  it("makes ids that say what they are of, and knows them", () => {
    const [user, note] = [defineId("user"), defineId("note")];
    const id = user.next();
    expect(id).toMatch(/^user_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
    expect([user.is(id), note.is(id), user.is("user_1"), user.is(7)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it.each(["", "User", "a_", "1a", "a".repeat(33)])("refuses the prefix %p", (prefix) => {
    expect(() => defineId(prefix)).toThrow("defineId: prefix must be");
  });
});

describe("seededRandom()", () => {
  it("gives the same bytes for the same seed, and others for another", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const bytes = seededRandom(seed)(32);
        expect(seededRandom(seed)(32)).toEqual(bytes);
        expect(seededRandom(seed + 1)(32)).not.toEqual(bytes);
      }),
    );
  });
});

describe("IdGeneratorService", () => {
  it("answers to the token, and makes UUIDs of version 7 unless told otherwise", () => {
    expect(IdGeneratorService.provides).toBe(tokens.idGenerator);
    expect(isUuid(new IdGeneratorService().next(), 7)).toBe(true);
  });

  it.each(["uuidv7", "uuidv4", "ulid", "nanoid"] as const)(
    "makes foreseeable ids of the format %s",
    (format) => {
      const make = () => {
        const ids = new IdGeneratorService({ format, random: seededRandom(1) }, { clock: at(1) });
        return [ids.next(), ids.next()];
      };
      expect(make()).toEqual(make());
      expect(new Set(make()).size).toBe(2);
    },
  );

  it("refuses an unknown format", () => {
    expect(() => new IdGeneratorService({ format: "cuid" as "ulid" })).toThrow(
      'IdGeneratorService: format must be "uuidv7", "uuidv4", "ulid" or "nanoid", got "cuid"',
    );
  });
});

import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import {
  ConflictError,
  defineErrors,
  InfraError,
  RateLimitedError,
  shape,
  toInfraError,
  ValidationError,
  type DriverErrorTable,
  type ErrorOf,
} from "../src/index.js";

const registry = defineErrors({
  TakenError: {
    code: "ERR_SEATS_TAKEN",
    when: "Somebody else has the seat.",
    extends: ConflictError,
    details: shape<{ seat: string }>(),
  },
  LostError: { code: "ERR_SEATS_LOST", when: "The seat is gone.", status: 410 },
});
const { TakenError, LostError } = registry.classes;

function seatOf(error: ErrorOf<typeof registry>): string {
  return error.code === "ERR_SEATS_TAKEN" ? error.details.seat : error.code;
}

describe("defineErrors()", () => {
  it("makes classes that stand on the named base", () => {
    const error = new TakenError("seat 12A is taken", { details: { seat: "12A" } });
    expect(error).toMatchObject({
      name: "TakenError",
      code: "ERR_SEATS_TAKEN",
      status: 409,
      details: { seat: "12A" },
    });
    expect([TakenError.is(error), ConflictError.is(error), LostError.is(error)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(InfraError.is(new LostError("gone"))).toBe(true);
    expectTypeOf(error.details.seat).toEqualTypeOf<string>();
    expectTypeOf<ErrorOf<typeof registry>["code"]>().toEqualTypeOf<
      "ERR_SEATS_TAKEN" | "ERR_SEATS_LOST"
    >();
  });

  it("tells the codes, the statuses and the README's table", () => {
    expect(registry.codes).toEqual({
      ERR_SEATS_TAKEN: "Somebody else has the seat.",
      ERR_SEATS_LOST: "The seat is gone.",
    });
    expect(registry.statuses).toEqual({ ERR_SEATS_TAKEN: 409, ERR_SEATS_LOST: 410 });
    expect(registry.toMarkdown()).toContain("| `ERR_SEATS_LOST` | The seat is gone. |");
  });

  it("writes a documentation page", () => {
    const seats = defineErrors({
      TakenError: {
        code: "ERR_SEATS_TAKEN",
        when: "Somebody else has the seat.",
        extends: ConflictError,
        help: "Offer another one.",
      },
    });
    expect(seats.toPage("Errors of seats")).toBe(`# Errors of seats

## ERR_SEATS_TAKEN

Somebody else has the seat.

\`TakenError\`, a \`ConflictError\` · HTTP 409 · not worth another try as it is

Offer another one.`);
  });

  it("types the code, so that the union narrows by it", () => {
    expect(seatOf(new TakenError("x", { details: { seat: "12A" } }))).toBe("12A");
    // @ts-expect-error the code is the class's own
    expect(new LostError("x", { code: "ERR_OTHER" })).toBeInstanceOf(LostError);
  });

  it("types the options by the details, and by what the class stands on", () => {
    const { BadSeatError, SlowError } = defineErrors({
      BadSeatError: { code: "ERR_SEATS_BAD", when: "", extends: ValidationError },
      SlowError: { code: "ERR_SEATS_SLOW", when: "", extends: RateLimitedError },
    }).classes;
    const issues = [{ path: ["seat"], message: "must be a row and a letter" }];
    expect(new BadSeatError("no such seat", { issues }).details.issues).toEqual(issues);
    expect(new SlowError("one at a time", { retryAfterMs: 5 }).retryAfterMs).toBe(5);
    // @ts-expect-error the seat is a text
    expect(new TakenError("x", { details: { seat: 12 } }).code).toBe("ERR_SEATS_TAKEN");
    // @ts-expect-error an issue has a message
    expect(new BadSeatError("x", { issues: [{ path: [] }] }).status).toBe(400);
  });

  it("makes classes that others can stand on, and that tables and registries take", () => {
    const { VeryTakenError } = defineErrors({
      VeryTakenError: { code: "ERR_SEATS_VERY_TAKEN", when: "", extends: TakenError },
    }).classes;
    const error = new VeryTakenError("x", { details: { seat: "12A" } });
    expectTypeOf(error.details.seat).toEqualTypeOf<string>();
    expectTypeOf(error.code).toEqualTypeOf<"ERR_SEATS_VERY_TAKEN">();
    expectTypeOf(error).toExtend<InfraError>();
    expect([TakenError.is(error), error.status]).toEqual([true, 409]);
    const table = { SEAT: { class: TakenError, message: "the seat is taken" } };
    expect(TakenError.is(toInfraError(Object.assign(new Error(), { code: "SEAT" }), table))).toBe(
      true,
    );
    // @ts-expect-error no class of errors of ours
    const wrong: DriverErrorTable = { SEAT: { class: Error, message: "" } };
    expect(wrong).toBeDefined();
  });

  it.each([Number.NaN, 200, 600, 404.5])("refuses the status %p", (status) => {
    expect(() => defineErrors({ BadError: { code: "ERR_BAD", when: "", status } })).toThrow(
      "BadError.status must be a whole number from 400 to 599",
    );
  });

  it.each(["SEATS_TAKEN", "ERR_seats", ""])("refuses the code %p", (code) => {
    expect(() => defineErrors({ BadError: { code, when: "" } })).toThrow("BadError.code must be");
  });

  it("refuses a code that stands twice", () => {
    const twice = { code: "ERR_X", when: "" };
    expect(() => defineErrors({ A: twice, B: twice })).toThrow("B.code must be");
  });
});

import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import { ConflictError, defineErrors, InfraError, shape, type ErrorOf } from "../src/index.js";

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

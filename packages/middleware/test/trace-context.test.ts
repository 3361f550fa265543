import { parseTraceparent } from "@infra/middleware";
import { describe, expect, it } from "@jest/globals";

describe("parseTraceparent", () => {
  it.each([
    undefined,
    "",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
  ])("refuses %j", (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  it("reads a later version's first four parts", () => {
    const header = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more";

    expect(parseTraceparent(header, ["a=b", "c=d"])).toMatchObject({
      sampled: false,
      tracestate: "a=b,c=d",
    });
  });
});

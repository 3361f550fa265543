import { describe, expect, it } from "@jest/globals";

import { LoggerService, loggingConfig } from "../src/index.js";

describe("loggingConfig", () => {
  it("has the defaults of LoggerService's options", () => {
    expect(loggingConfig.defaults()).toEqual({
      level: "info",
      levels: [],
      format: "auto",
      console: true,
      maxFileSize: 104_857_600,
      maxFiles: 5,
      sampling: [],
      redact: [],
    });
    expect(LoggerService.inject.options).toEqual({ kind: "section", section: loggingConfig });
  });

  it("refuses what LoggerService would refuse, before it is made", () => {
    const { levels, maxFiles, maxPerSecond, redact, sampling } = loggingConfig.settings;
    expect(levels.validate(["a=debug", "a.b=silent"])).toBeUndefined();
    expect(levels.validate(["a=loud"])).toBe(
      'must hold "<category>=<level>", with a level of fatal, error, warn, info, debug, trace, silent',
    );
    expect(maxFiles.validate(-1)).toBe("must be a whole number from 0");
    expect(maxPerSecond.validate(0)).toBe("must be a whole number from 1");
    expect(sampling.validate(["http=0.1", "*=1"])).toBeUndefined();
    expect(sampling.validate(["http=2"])).toContain("share from 0 to 1");
    expect(redact.validate(["a..b"])).toContain("must hold paths");
    expect(redact.validate(["a.*"])).toBeUndefined();
  });
});

import { defineSection } from "@infra/interfaces";

/** The configuration of the application's ids. */
export const idsConfig = /* @__PURE__ */ defineSection("ids", {
  format: {
    doc: "What new ids look like; uuidv7 and ulid sort by the time of their making.",
    format: "enum",
    values: ["uuidv7", "uuidv4", "ulid", "nanoid"],
    default: "uuidv7",
  },
});

/** fast-check, with a fixed seed unless PROPERTY_SEED gives another. */
export * as fc from "fast-check";

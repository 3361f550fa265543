/** Where ids come from, so that a test can foretell them. */
export interface IdGenerator {
  /** A new id: unique, URL-safe, at most 64 characters. */
  next(): string;
}

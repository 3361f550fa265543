// What is cached.
export const keys = Array.from({ length: 1_000 }, (_, at) => `user:${at}`);
export const valueOf = (key) => ({
  id: key,
  name: "Ada Lovelace",
  email: "ada@example.test",
  active: true,
  visits: 1_234,
  roles: ["admin", "author"],
});

// The realistic route: what it takes and answers.
export const path = "/notes/:id";
export const body = JSON.stringify({ title: "Groceries", tags: ["home", "weekly"], done: false });

export const schema = {
  params: {
    type: "object",
    properties: { id: { type: "integer", minimum: 1 } },
    required: ["id"],
  },
  body: {
    type: "object",
    properties: {
      title: { type: "string", minLength: 1, maxLength: 200 },
      tags: { type: "array", items: { type: "string" }, maxItems: 20 },
      done: { type: "boolean" },
    },
    required: ["title"],
    additionalProperties: false,
  },
  response: {
    200: {
      type: "object",
      properties: {
        id: { type: "integer" },
        title: { type: "string" },
        tags: { type: "array", items: { type: "string" } },
        owner: { type: "string" },
      },
    },
  },
};

export function answer(id, { title, tags }, owner) {
  return { id, title, tags, owner };
}

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { ServerManager } from "@infra/server";
import Type from "typebox";

import type { Note, NoteRepository } from "./note-repository.js";

const NoteId = Type.Object({ id: Type.String({ format: "uuid" }) });

const NoteInput = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 200 }),
    body: Type.String({ maxLength: 100_000, default: "" }),
  },
  { additionalProperties: false },
);

const NoteOutput = Type.Object({
  id: Type.String({ format: "uuid" }),
  title: Type.String(),
  body: Type.String(),
  createdAt: Type.String({ format: "date-time" }),
});

const PageInput = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  after: Type.Optional(Type.String({ maxLength: 100 })),
});

const PageOutput = Type.Object({
  items: Type.Array(NoteOutput),
  next: Type.Optional(Type.String()),
});

/** The notes over HTTP: create, list, get, delete. */
export function addNoteRoutes(server: ServerManager, notes: NoteRepository): void {
  const routes = server.withTypeProvider<TypeBoxTypeProvider>();
  const tags = ["notes"];

  routes.post(
    "/notes",
    { schema: { tags, summary: "Create a note", body: NoteInput, response: { 201: NoteOutput } } },
    async (request, reply) => {
      const note = await notes.create(request.body);
      request.context.logger.info("note created", { noteId: note.id });
      return reply.code(201).header("location", `/notes/${note.id}`).send(toOutput(note));
    },
  );

  routes.get(
    "/notes",
    {
      schema: {
        tags,
        summary: "List the notes, newest first",
        querystring: PageInput,
        response: { 200: PageOutput },
      },
    },
    async (request) => {
      const { items, ...rest } = await notes.list(request.query.limit, request.query.after);
      return { items: items.map(toOutput), ...rest };
    },
  );

  routes.get(
    "/notes/:id",
    { schema: { tags, summary: "Get a note", params: NoteId, response: { 200: NoteOutput } } },
    async (request) => toOutput(await notes.get(request.params.id)),
  );

  routes.delete(
    "/notes/:id",
    { schema: { tags, summary: "Delete a note", params: NoteId, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await notes.delete(request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function toOutput(note: Note): Type.Static<typeof NoteOutput> {
  return { ...note, createdAt: note.createdAt.toISOString() };
}

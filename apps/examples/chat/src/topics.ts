// What the servers, the page and the Node.js client agree on.
import type { Topic } from "@infra/interfaces";
import { z } from "zod";

const chatMessage = z.object({ from: z.string().max(40), text: z.string().min(1).max(2_000) });

export type ChatMessage = z.infer<typeof chatMessage>;

/** A room of a company: the messages in it are kept. */
export function room(tenant: string, name: string): Topic<ChatMessage> {
  return { name: `chat.${tenant}.${name}`, schema: chatMessage };
}

/** The schema of every room. */
export const messageSchema = chatMessage;

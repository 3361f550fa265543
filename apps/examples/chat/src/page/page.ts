// The page's code: the same client and the same topics as in Node.js.
import { PubSubClient, type PubSubClientError } from "@infra/pubsub/client";

import { room, type ChatMessage } from "../topics.js";

const element = <T extends HTMLElement>(id: string): T => document.querySelector<T>(`#${id}`)!;
const messages = element("messages");

function textOf(form: FormData, key: string): string {
  const value = form.get(key);
  return typeof value === "string" ? value : "";
}

function show(from: string, text: string): void {
  const item = document.createElement("li");
  // as text: what others write is no HTML
  item.textContent = `${from}: ${text}`;
  messages.append(item);
}

async function post<T>(path: string, body: object): Promise<T> {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as T;
}

element<HTMLFormElement>("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target as HTMLFormElement);
  const [name, tenant, wanted] = ["name", "tenant", "room"].map((key) => textOf(form, key));
  void join(name!, tenant!, wanted!);
});

async function join(name: string, tenant: string, wanted: string): Promise<void> {
  // a room "other/room" is one of another company: the server will say no
  const [company, roomName] = wanted.includes("/") ? wanted.split("/") : [tenant, wanted];
  const { token, urls } = await post<{ token: string; urls: string[] }>("/sign-in", {
    name,
    tenant,
  });
  const client = new PubSubClient({ url: urls, token });
  const status = element("status");
  client.onEvent((each) => {
    if (each.type === "state") status.textContent = each.state;
  });
  const topic = room(company!, roomName!);
  try {
    await client.subscribe(topic, ({ from, text }: ChatMessage) => show(from, text), {
      after: "0",
      onPresence: (members) => {
        element("members").textContent = members
          .map(({ id }) => id)
          .toSorted()
          .join(", ");
      },
      onGap: ({ reason }) => show("system", `messages may be missing: ${reason}`),
      onDenied: ({ code }) => (status.textContent = code),
    });
    status.textContent = `connected as ${client.userId ?? "nobody"}`;
  } catch (error) {
    status.textContent = (error as PubSubClientError).code;
  }
  element<HTMLFormElement>("say").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const text = textOf(new FormData(form), "text");
    form.reset();
    client
      .publish(topic, { from: name, text })
      .catch((error: PubSubClientError) => show("system", error.code));
  });
  element("sign-out").addEventListener("click", () => void post("/sign-out", { token }));
}

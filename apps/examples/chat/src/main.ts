import { startChat } from "./chat-server.js";

const { PORT = "3000", PUBSUB_URL = "memory:", JWT_SECRET = "development" } = process.env;
const { CHAT_URLS = `http://127.0.0.1:${PORT}`, SESSION_MS = "3600000" } = process.env;

const chat = await startChat({
  port: Number(PORT),
  pubsubUrl: PUBSUB_URL,
  secret: JWT_SECRET,
  urls: CHAT_URLS.split(","),
  sessionMs: Number(SESSION_MS),
});
console.log(`listening on http://127.0.0.1:${PORT}`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void chat.stop());
}

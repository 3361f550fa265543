import { LogTransport, LogEntry } from "@infra/logging";

export class SlackLogTransport implements LogTransport {
  constructor(private webhookUrl: string) {}

  async log(entry: LogEntry): Promise<void> {
    // Only send errors and warnings to Slack
    if (entry.level === "error" || entry.level === "warn") {
      await fetch(this.webhookUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          text: `[${entry.level.toUpperCase()}] ${entry.message}`,
          blocks: [
            {
              type: "section",
              text: {
                type: "mrkdwn",
                text: `*[${entry.level.toUpperCase()}] ${entry.message}*\n\n\`\`\`${JSON.stringify(entry.meta, null, 2)}\`\`\``,
              },
            },
          ],
        }),
      });
    }
  }
}

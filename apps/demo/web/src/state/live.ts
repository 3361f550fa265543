import {
  PubSubClient,
  type ClientState,
  type PresenceMember,
  type PubSubClientError,
} from "@infra/pubsub/client";
import { signal } from "@preact/signals";

import { albumTopic, type AlbumEvent, type Visitor } from "../../../src/contract.js";

/** Whether events arrive; a page that can't be live says so. */
export const liveState = signal<ClientState>("connecting");

const refusals = new Set(["ERR_PUBSUB_TOPIC_DENIED", "ERR_PUBSUB_CREDENTIAL"]);

let client: { readonly of: string | undefined; readonly link: PubSubClient } | undefined;

/** The one connection: of the session's cookie, or of a share link's token. */
export function connect(shareToken?: string): PubSubClient {
  if (client && client.of === shareToken && client.link.state !== "closed") return client.link;
  disconnect();
  const link = new PubSubClient({
    url: location.origin,
    ...(shareToken !== undefined && { token: shareToken }),
  });
  link.onEvent((event) => {
    if (event.type === "state" && client?.link === link) liveState.value = event.state;
    if (event.type === "listener-failed") console.error(event.error);
  });
  client = { of: shareToken, link };
  return link;
}

/** Ends the connection, if there is one. */
export function disconnect(): void {
  void client?.link.close();
  client = undefined;
}

/** What a page does with what happens in an album. */
export interface AlbumListener {
  readonly onEvent: (event: AlbumEvent) => void;
  /** Called when events may have been missed: read everything anew. */
  readonly onGap: () => void;
  /** Who else looks at the album. */
  readonly onPresence: (others: readonly Visitor[]) => void;
  readonly onDenied: () => void;
}

/** Listens to an album; what it returns ends that. `name`: how others see who listens; visitors of a share link are not seen. */
export function watchAlbum(
  albumId: string,
  { onEvent, onGap, onPresence, onDenied }: AlbumListener,
  { shareToken, name }: { readonly shareToken?: string; readonly name?: string },
): () => void {
  const link = connect(shareToken);
  const others = (members: readonly PresenceMember[]): void =>
    onPresence(members.filter(({ id }) => id !== link.userId).map(({ data }) => data as Visitor));
  const subscribing = link
    .subscribe<AlbumEvent>(albumTopic(albumId), onEvent, {
      onGap,
      onDenied,
      ...(name !== undefined && { onPresence: others, presence: { name } satisfies Visitor }),
    })
    .catch((error: unknown) => {
      // any other reason is over with the connection
      if (refusals.has((error as PubSubClientError).code)) onDenied();
      return undefined;
    });
  return () => void subscribing.then((subscription) => subscription?.close());
}

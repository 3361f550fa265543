import { randomBytes } from "node:crypto";

import type { Clock, Logger, Subscription } from "@infra/interfaces";

import type { PresenceChange, PresenceMember } from "./protocol.js";
import type { GatewayPubSub } from "./topic-feed.js";

/** Options of {@link PresenceDirectory}. */
export interface PresenceOptions {
  readonly pubsub: GatewayPubSub;
  /** The topic that nodes talk on. */
  readonly topic: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: (topic: string, change: PresenceChange) => void;
}

/** Topic, key, member. */
type Entry = [string, string, PresenceMember];

/** What nodes tell each other. */
type Note =
  | {
      node: string;
      type: "join";
      topic: string;
      key: string;
      member: PresenceMember;
      version: number;
    }
  | { node: string; type: "leave"; topic: string; key: string; version: number }
  | { node: string; type: "beat"; version: number }
  | {
      node: string;
      type: "state";
      version: number;
      members: Entry[];
      first: boolean;
      last: boolean;
    }
  | { node: string; type: "ask"; of: string }
  | { node: string; type: "gone" };

interface Node {
  seenAt: number;
  version: number;
  /** What has come of a state that is told in parts. */
  parts: Entry[];
  readonly topics: Map<string, Map<string, PresenceMember>>;
}

/** Where everybody is who is connected; no topic can be called so. */
export const usersTopic = "/users";

const beatEveryMs = 2_000;
const silentForMs = 7_000;
const partSize = 200;

/**
 * Who is where, on all nodes. Each tells the others what changes, and how much has: who missed something asks for the
 * whole. A node that is silent is gone, and its members with it.
 */
export class PresenceDirectory {
  readonly node = randomBytes(9).toString("base64url");
  readonly #options: PresenceOptions;
  readonly #nodes = new Map<string, Node>();
  readonly #own: Node;
  // by topic and account, over all nodes
  readonly #counts = new Map<string, Map<string, number>>();
  #subscription: Subscription | undefined;
  #cancelBeat: (() => void) | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#own = { seenAt: Infinity, version: 0, parts: [], topics: new Map() };
    this.#nodes.set(this.node, this.#own);
  }

  async open(): Promise<void> {
    const { pubsub, topic } = this.#options;
    this.#subscription = await pubsub.subscribe<Note>(topic, (note) => this.#hear(note));
    this.#tell({ node: this.node, type: "ask", of: "*" });
    this.#beat();
  }

  async close(): Promise<void> {
    this.#cancelBeat?.();
    this.#tell({ node: this.node, type: "gone" });
    await this.#subscription?.close();
  }

  /** `key` tells one connection from another. */
  join(topic: string, key: string, member: PresenceMember): void {
    this.#own.version += 1;
    this.#put(this.#own, topic, key, member);
    this.#tell({ node: this.node, type: "join", topic, key, member, version: this.#own.version });
  }

  leave(topic: string, key: string): void {
    if (!this.#own.topics.get(topic)?.has(key)) return;
    this.#own.version += 1;
    this.#drop(this.#own, topic, key);
    this.#tell({ node: this.node, type: "leave", topic, key, version: this.#own.version });
  }

  /** Each account once. */
  members(topic: string): PresenceMember[] {
    const members = new Map<string, PresenceMember>();
    for (const { topics } of this.#nodes.values()) {
      for (const member of topics.get(topic)?.values() ?? []) members.set(member.id, member);
    }
    return [...members.values()];
  }

  /** How many connections of an account there are. */
  count(topic: string, id: string): number {
    return this.#counts.get(topic)?.get(id) ?? 0;
  }

  /** How many nodes there are, with this one. */
  get nodes(): number {
    return this.#nodes.size;
  }

  #hear(note: Note): void {
    if (note.node === this.node) return;
    if (note.type === "gone") return this.#forget(note.node);
    if (note.type === "ask") {
      if (note.of === "*" || note.of === this.node) this.#tellState();
      if (this.#nodes.has(note.node)) return;
    }
    const known = this.#nodes.get(note.node);
    const node: Node = known ?? { seenAt: 0, version: -1, parts: [], topics: new Map() };
    node.seenAt = this.#options.clock.monotonic();
    this.#nodes.set(note.node, node);
    switch (note.type) {
      case "state":
        if (note.first) node.parts = [];
        node.parts.push(...note.members);
        if (!note.last) return;
        this.#replace(node, node.parts);
        node.parts = [];
        node.version = note.version;
        return;
      case "ask":
        return;
      case "beat":
        if (node.version !== note.version) this.#ask(note.node);
        return;
      case "join":
      case "leave":
        if (note.version !== node.version + 1) return this.#ask(note.node);
        node.version = note.version;
        if (note.type === "join") this.#put(node, note.topic, note.key, note.member);
        else this.#drop(node, note.topic, note.key);
    }
  }

  #put(node: Node, topic: string, key: string, member: PresenceMember): void {
    let members = node.topics.get(topic);
    if (!members) node.topics.set(topic, (members = new Map()));
    const before = members.get(key);
    members.set(key, member);
    if (before?.id === member.id) return;
    if (before) this.#uncount(topic, before);
    let counts = this.#counts.get(topic);
    if (!counts) this.#counts.set(topic, (counts = new Map()));
    const count = (counts.get(member.id) ?? 0) + 1;
    counts.set(member.id, count);
    if (count === 1) this.#options.onChange(topic, { type: "join", member });
  }

  #drop(node: Node, topic: string, key: string): void {
    const members = node.topics.get(topic);
    const member = members?.get(key);
    if (!members || !member) return;
    members.delete(key);
    if (members.size === 0) node.topics.delete(topic);
    this.#uncount(topic, member);
  }

  #uncount(topic: string, member: PresenceMember): void {
    const counts = this.#counts.get(topic);
    const count = (counts?.get(member.id) ?? 0) - 1;
    if (count > 0) counts!.set(member.id, count);
    else {
      counts?.delete(member.id);
      if (counts?.size === 0) this.#counts.delete(topic);
      this.#options.onChange(topic, { type: "leave", member });
    }
  }

  #replace(node: Node, members: readonly Entry[]): void {
    const wanted = new Set(members.map(([topic, key]) => `${topic} ${key}`));
    for (const [topic, key, member] of members) this.#put(node, topic, key, member);
    for (const [topic, all] of node.topics) {
      for (const key of all.keys())
        if (!wanted.has(`${topic} ${key}`)) this.#drop(node, topic, key);
    }
  }

  #forget(name: string): void {
    const node = this.#nodes.get(name);
    if (!node) return;
    this.#replace(node, []);
    this.#nodes.delete(name);
  }

  #beat(): void {
    const { clock } = this.#options;
    this.#cancelBeat = clock.setTimeout(
      () => {
        const now = clock.monotonic();
        for (const [name, { seenAt }] of this.#nodes) {
          if (name !== this.node && now - seenAt > silentForMs) this.#forget(name);
        }
        this.#tell({ node: this.node, type: "beat", version: this.#own.version });
        this.#beat();
      },
      beatEveryMs,
      { unref: true },
    );
  }

  #ask(of: string): void {
    this.#tell({ node: this.node, type: "ask", of });
  }

  #tellState(): void {
    const members: Entry[] = [];
    for (const [topic, all] of this.#own.topics) {
      for (const [key, member] of all) members.push([topic, key, member]);
    }
    // one message has a largest size
    for (let at = 0; at === 0 || at < members.length; at += partSize) {
      this.#tell({
        node: this.node,
        type: "state",
        version: this.#own.version,
        members: members.slice(at, at + partSize),
        first: at === 0,
        last: at + partSize >= members.length,
      });
    }
  }

  #tell(note: Note): void {
    const { pubsub, topic, logger } = this.#options;
    pubsub.publish<unknown>(topic, note).catch((error: unknown) => {
      logger.debug("presence could not be told", { error });
    });
  }
}

import type {
  Authenticator,
  Authorizer,
  Clock,
  Credential,
  Decision,
  Logger,
  Principal,
} from "@infra/interfaces";

import { CredentialError, TopicDeniedError } from "../errors.js";
import { isPattern, wrongPattern, wrongTopic } from "../topic.js";
import type { GatewayAction, GatewayRule } from "./gateway-options.js";

/** Options of {@link GatewayAuth}. */
export interface GatewayAuthOptions {
  readonly authenticator: Authenticator | undefined;
  readonly authorizer: Authorizer | undefined;
  readonly rule: GatewayRule | undefined;
  readonly anonymous: boolean;
  readonly wildcards: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onDenied: (action: GatewayAction, reason: string) => void;
}

/** Who a client is, and what it may do. What nobody allows is denied. */
export class GatewayAuth {
  readonly #options: GatewayAuthOptions;

  constructor(options: GatewayAuthOptions) {
    this.#options = options;
  }

  /**
   * Whose a credential is; `undefined` for nobody, where that may be.
   *
   * @throws CredentialError (`ERR_PUBSUB_CREDENTIAL`); what the authenticator throws when it can't find out.
   */
  async principal(credential: Credential | undefined): Promise<Principal | undefined> {
    const { authenticator, anonymous, clock } = this.#options;
    if (!credential) {
      if (anonymous) return undefined;
      throw new CredentialError("show a credential to connect");
    }
    if (!authenticator) throw new CredentialError("no credential is known here");
    const principal = await authenticator.authenticate(credential);
    if (!principal || (principal.expiresAt ?? Infinity) <= clock.now()) {
      throw new CredentialError("the credential does not hold");
    }
    return principal;
  }

  /** @throws TopicDeniedError (`ERR_PUBSUB_TOPIC_DENIED`) unless it is allowed; the log says why. */
  async check(action: GatewayAction): Promise<void> {
    const reason = await this.#whyNot(action);
    if (reason === undefined) return;
    this.#options.onDenied(action, reason);
    const topic = topicText(action.topic);
    throw new TopicDeniedError(`you may not ${action.action} ${JSON.stringify(topic)}`, {
      details: { topic, action: action.action },
    });
  }

  async #whyNot(action: GatewayAction): Promise<string | undefined> {
    const { rule, authorizer, wildcards, logger } = this.#options;
    const { topic } = action;
    const wrong =
      wildcards && action.action !== "publish" ? wrongPattern(topic) : wrongTopic(topic);
    if (wrong) return `it is no topic: ${wrong}`;
    // what nodes tell each other; a pattern could match it
    const [first] = topic.split(".");
    if (first === "infra" || (isPattern(topic) && (first === "*" || first === "#"))) {
      return "the topic is the gateway's own";
    }
    try {
      if (rule) {
        const answer = await rule(action);
        return whyNot(typeof answer === "boolean" ? { allowed: answer } : answer);
      }
      if (!authorizer) return "no rule says who may: give the option authorize";
      const name = `pubsub.${action.action}`;
      return whyNot(await authorizer.decide(action.principal, name, { topic }));
    } catch (error) {
      logger.error("what a client may do could not be found out", { error, topic });
      return "it could not be found out";
    }
  }
}

/** What a client sent as a topic, for a log or an error: bounded, and no code of its own. */
export function topicText(topic: unknown): string {
  return typeof topic === "string" ? topic.slice(0, 256) : typeof topic;
}

// anything but a clear yes is a no
function whyNot(decision: Partial<Decision> | undefined): string | undefined {
  return decision?.allowed === true ? undefined : (decision?.reason ?? "it is not allowed");
}

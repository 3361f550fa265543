import type { TokenClaims } from "@infra/interfaces";

/** What the claims of a token have to say. */
export interface ExpectedClaims {
  readonly issuer: string;
  readonly audience: string;
  /** Seconds since the epoch. */
  readonly nowS: number;
  readonly toleranceS: number;
}

/** Whether claims are good now, by the rules of jose; which one they break, jose says. */
export function areGood(
  claims: unknown,
  { issuer, audience, nowS, toleranceS }: ExpectedClaims,
): claims is TokenClaims {
  if (typeof claims !== "object" || claims === null) return false;
  const { iss, aud, exp, iat, nbf } = claims as Readonly<Record<string, unknown>>;
  return (
    iss === issuer &&
    (Array.isArray(aud) ? aud.includes(audience) : aud === audience) &&
    typeof iat === "number" &&
    typeof exp === "number" &&
    exp > nowS - toleranceS &&
    (nbf === undefined || (typeof nbf === "number" && nbf <= nowS + toleranceS))
  );
}

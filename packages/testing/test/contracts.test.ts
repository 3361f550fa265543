import { ErrorReporterService } from "@infra/errors";
import { EncryptionService, SignatureService, TokenService } from "@infra/security";
import { IdGeneratorService } from "@infra/utils";

import {
  describeAuthenticatorContract,
  describeEncrypterContract,
  describeErrorReporterContract,
  describeIdGeneratorContract,
  describeMailerContract,
  describePasswordHasherContract,
  describeSignerContract,
  describeTokenSignerContract,
  FakeAuthenticator,
  FakeEncrypter,
  FakePasswordHasher,
  FakeSigner,
  FakeTokenSigner,
  MemoryErrorReporter,
  MemoryMailer,
  SequentialIdGenerator,
} from "../src/index.js";

// the fakes, and what they stand for: by the same suite
let keys = 0;
const key = (): string => `a key of a test ${(keys += 1)}`;

describeEncrypterContract("FakeEncrypter", ({ clock }) => new FakeEncrypter({ clock }));
describeEncrypterContract(
  "EncryptionService",
  ({ clock }) => new EncryptionService({ key: key() }, { clock }),
);
describeSignerContract("FakeSigner", ({ clock }) => new FakeSigner({ clock }));
describeSignerContract(
  "SignatureService",
  ({ clock }) => new SignatureService({ key: key() }, { clock }),
);
describeTokenSignerContract("FakeTokenSigner", ({ clock }) => new FakeTokenSigner({ clock }));
describeTokenSignerContract(
  "TokenService",
  ({ clock }) => new TokenService({ key: key(), issuer: "test", audience: "test" }, { clock }),
);
describePasswordHasherContract("FakePasswordHasher", () => new FakePasswordHasher());
describeIdGeneratorContract("SequentialIdGenerator", () => new SequentialIdGenerator());
describeIdGeneratorContract("IdGeneratorService", () => new IdGeneratorService());
describeErrorReporterContract("MemoryErrorReporter", () => new MemoryErrorReporter());
describeErrorReporterContract(
  "ErrorReporterService",
  () => new ErrorReporterService({ sink: () => {} }),
);
describeMailerContract("MemoryMailer", () => {
  const mailer = new MemoryMailer();
  return { mailer, read: () => mailer.mails };
});
describeAuthenticatorContract("FakeAuthenticator", () => {
  const authenticator = new FakeAuthenticator();
  const principal = { id: "ada", roles: ["admin"] };
  const { authorization } = authenticator.actingAs(principal);
  return {
    authenticator,
    credential: { scheme: "bearer", value: authorization.slice("Bearer ".length) },
    principal,
    revoke: () => authenticator.forget(),
  };
});

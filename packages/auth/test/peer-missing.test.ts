import { FakeEncrypter } from "@infra/testing";
import { describe, expect, it, jest } from "@jest/globals";

// as if nobody had installed them
for (const name of ["jose", "openid-client"]) {
  jest.unstable_mockModule(name, () => {
    throw Object.assign(new Error(`Cannot find package '${name}' imported from here`), {
      code: "ERR_MODULE_NOT_FOUND",
    });
  });
}
const { RemoteTokenVerifier } = await import("../src/drivers/jose.js");
const { OpenIdLogin } = await import("../src/drivers/openid-client.js");

describe("a driver whose package is not installed", () => {
  it("says what to install", async () => {
    const verifier = new RemoteTokenVerifier({ issuer: "https://id.example", audience: "us" });
    await expect(verifier.verify("x.y.z")).rejects.toMatchObject({
      code: "ERR_PEER_MISSING",
      message: expect.stringContaining("npm i jose"),
    });
    const login = new OpenIdLogin(
      { issuer: "https://id.example", clientId: "us", redirectUri: "https://app.example" },
      { encrypter: new FakeEncrypter() },
    );
    await expect(login.begin()).rejects.toMatchObject({
      code: "ERR_PEER_MISSING",
      message: expect.stringContaining("npm i openid-client"),
    });
  });
});

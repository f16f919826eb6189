// An OpenID provider on loopback whose users ask no questions: tests tell it who logs in next.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [issuerPort, clientId, clientSecret, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${issuerPort}`;
let next = {}; // the claims of whoever logs in next

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...next }) }),
  cookies: { keys: ["not a secret"] },
});

async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    const result = { login: { accountId: next.sub ?? "somebody" } };
    return provider.interactionFinished(request, response, result);
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope("openid email profile");
  const result = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result);
}

const answer = provider.callback();
const server = createServer(async (request, response) => {
  if (request.url === "/next") {
    let body = "";
    for await (const part of request) body += part;
    next = JSON.parse(body);
    response.end("noted");
  } else if (request.url.startsWith("/interaction/")) {
    await interact(request, response);
  } else {
    answer(request, response);
  }
});
server.listen(Number(issuerPort), "127.0.0.1", () => console.log("ready"));

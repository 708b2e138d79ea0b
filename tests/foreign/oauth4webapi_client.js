// A strict client: it checks each answer against the standards, and gives up on what
// they do not allow. Says in JSON what came of the flow that its argument names.
import * as oauth from 'oauth4webapi';

const {
  ISSUER, API, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPE, SELF_ID, SELF_SECRET,
  DEVICE_ID, DEVICE_SECRET,
} = process.env;
const http = { [oauth.allowInsecureRequests]: true };
const client = { client_id: CLIENT_ID };
const auth = oauth.ClientSecretPost(CLIENT_SECRET);

async function discovered(algorithm = 'oauth2') {
  const issuer = new URL(ISSUER);
  const reply = await oauth.discoveryRequest(issuer, { algorithm, ...http });
  return oauth.processDiscoveryResponse(issuer, reply);
}

// What a person does at a page: press the button.
async function pressed(url, answer = 'accept') {
  const page = await (await fetch(url)).text();
  const [, action] = page.match(/<form method="post" action="([^"]+)"/);
  const [, ticket] = page.match(/name="ticket" value="(\w+)"/);
  return fetch(new URL(action, url), {
    method: 'POST',
    body: new URLSearchParams({ ticket, answer }),
    redirect: 'manual',
  });
}

async function login(as, { scope = SCOPE, answer, clientAuth = auth } = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope,
    state,
    nonce,
    access_type: 'offline',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const sent = await pressed(url, answer);
  const redirect = new URL(sent.headers.get('location'));
  const params = oauth.validateAuthResponse(as, client, redirect, state);
  const reply = await oauth.authorizationCodeGrantRequest(
    as, client, clientAuth, params, REDIRECT_URI, verifier, http,
  );
  const expectedNonce = scope.includes('openid') ? nonce : undefined;
  const tokens = await oauth.processAuthorizationCodeResponse(
    as, client, reply, { expectedNonce },
  );
  return { tokens, again: () => oauth.authorizationCodeGrantRequest(
    as, client, clientAuth, params, REDIRECT_URI, verifier, http,
  ), reply };
}

async function refreshed(as, token) {
  const reply = await oauth.refreshTokenGrantRequest(as, client, auth, token, http);
  return oauth.processRefreshTokenResponse(as, client, reply);
}

async function called(token) {
  const reply = await oauth.protectedResourceRequest(
    token, 'GET', new URL(API), undefined, undefined, http,
  );
  return reply.status;
}

// The error that something must end with.
async function error(promise) {
  try {
    await promise;
  } catch (one) {
    return { name: one.name, error: one.error ?? one.cause?.[0]?.parameters?.error,
      status: one.status };
  }
  throw new Error('there was no error');
}

async function startDevice(as, device, deviceAuth) {
  const reply = await oauth.deviceAuthorizationRequest(
    as, device, deviceAuth, { scope: SCOPE }, http,
  );
  return oauth.processDeviceAuthorizationResponse(as, device, reply);
}

async function polled(as, device, deviceAuth, codes) {
  const reply = await oauth.deviceCodeGrantRequest(
    as, device, deviceAuth, codes.device_code, http,
  );
  return oauth.processDeviceCodeResponse(as, device, reply);
}

const flows = {
  async discovery() {
    const as = await discovered();
    const openid = await discovered('oidc');
    return { issuer: as.issuer, same: as.token_endpoint === openid.token_endpoint };
  },
  async code() {
    const { tokens } = await login(await discovered());
    return { scope: tokens.scope, offline: Boolean(tokens.refresh_token),
      status: await called(tokens.access_token) };
  },
  async basic() {
    const clientAuth = oauth.ClientSecretBasic(CLIENT_SECRET);
    const { tokens } = await login(await discovered(), { clientAuth });
    return { scope: tokens.scope };
  },
  async refusal() {
    return error(login(await discovered(), { answer: 'reject' }));
  },
  async reuse() {
    const as = await discovered();
    const { tokens, again } = await login(as);
    const refused = await error(again().then(
      (reply) => oauth.processAuthorizationCodeResponse(as, client, reply),
    ));
    return { refused, after: await error(called(tokens.access_token)) };
  },
  async rotation() {
    const as = await discovered();
    const { tokens } = await login(as);
    const second = await refreshed(as, tokens.refresh_token);
    const third = await refreshed(as, second.refresh_token);
    const working = await called(third.access_token);
    const reused = await error(refreshed(as, tokens.refresh_token));
    const family = await error(refreshed(as, third.refresh_token));
    return { working, reused, family };
  },
  async credentials() {
    const as = await discovered();
    const self = { client_id: SELF_ID };
    const reply = await oauth.clientCredentialsGrantRequest(
      as, self, oauth.ClientSecretPost(SELF_SECRET), { scope: SCOPE }, http,
    );
    const tokens = await oauth.processClientCredentialsResponse(as, self, reply);
    return { scope: tokens.scope, status: await called(tokens.access_token) };
  },
  async revocation() {
    const as = await discovered();
    const { tokens } = await login(as);
    for (const token of [tokens.refresh_token, 'invented-unknown-token']) {
      const reply = await oauth.revocationRequest(as, client, auth, token, http);
      await oauth.processRevocationResponse(reply);
    }
    return error(called(tokens.access_token));
  },
  async device() {
    const as = await discovered();
    const device = { client_id: DEVICE_ID };
    const deviceAuth = oauth.ClientSecretPost(DEVICE_SECRET);
    const waiting = await startDevice(as, device, deviceAuth);
    const pending = await error(polled(as, device, deviceAuth, waiting));
    const hasty = await error(polled(as, device, deviceAuth, waiting));
    const codes = await startDevice(as, device, deviceAuth);
    await pressed(codes.verification_uri_complete);
    const tokens = await polled(as, device, deviceAuth, codes);
    return { pending, hasty, scope: tokens.scope, status: await called(tokens.access_token) };
  },
  async openid() {
    const as = await discovered('oidc');
    const { tokens, reply } = await login(as, { scope: 'openid email' });
    await oauth.validateApplicationLevelSignature(as, reply, http);
    const { sub } = oauth.getValidatedIdTokenClaims(tokens);
    const info = await oauth.userInfoRequest(as, client, tokens.access_token, http);
    const user = await oauth.processUserInfoResponse(as, client, sub, info);
    return { email: user.email };
  },
  async strangers() {
    const as = await discovered();
    const wrong = oauth.ClientSecretBasic('invented-wrong-secret');
    const reply = await oauth.refreshTokenGrantRequest(as, client, wrong, 'x', http);
    return {
      client: await error(oauth.processRefreshTokenResponse(as, client, reply)),
      token: await error(called('invented-token')),
    };
  },
};

console.log(JSON.stringify(await flows[process.argv[2]]()));

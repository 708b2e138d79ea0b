// A certified OpenID provider on a port of its own, at the paths that Zoho uses.
// Whoever opens a login is logged in as `guest` and consents to all of it.
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPES } = process.env;
const GRANTS = [
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
];

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT_URI],
      grant_types: GRANTS,
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
    }],
    cookies: { keys: ['invented-cookie-key'] },
    features: {
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      revocation: { enabled: true },
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    pkce: { required: () => true },
    routes: {
      authorization: '/oauth/v2/auth',
      token: '/oauth/v2/token',
      revocation: '/oauth/v2/token/revoke',
      device_authorization: '/oauth/v3/device/code',
    },
    scopes: SCOPES.split(' '),
    ttl: {
      AccessToken: 3600, AuthorizationCode: 60, DeviceCode: 300, Grant: 86400,
      Interaction: 300, RefreshToken: 86400, Session: 86400,
    },
  });
  const answer = provider.callback();
  server.on('request', async (request, response) => {
    if (!request.url.startsWith('/interaction/')) {
      answer(request, response);
      return;
    }
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: 'guest', clientId: CLIENT_ID });
    grant.addOIDCScope(params.scope);
    await provider.interactionFinished(request, response, {
      login: { accountId: 'guest' },
      consent: { grantId: await grant.save() },
    });
  });
  console.log(issuer);
});

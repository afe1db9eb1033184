import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { orderEventsTopic } from '../../app/contract/order-events-topic.ts';
import { provisionTopics } from '../../localstack/kafka/provision-topics.ts';
import { onCleanup } from '../support/cleanup.ts';
import { type OwnKafka, startOwnKafka } from '../support/servers/own-kafka.ts';
import { type TlsAuthority, tlsAuthority } from '../support/servers/tls-authority.ts';
import { useTestShop } from '../support/shop/test-shop.ts';

describe('the login to Kafka', () => {
  const shop = useTestShop();
  let authority: TlsAuthority;
  let kafka: OwnKafka;

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rowlock-kafka-tls-'));
    onCleanup(() => rmSync(folder, { recursive: true, force: true }));
    authority = tlsAuthority(folder, ['DNS:localhost', 'IP:127.0.0.1']);
  });

  /** PEM on one line of a properties file. */
  const pem = (file: string) => readFileSync(file, 'utf8').trim().replaceAll('\n', '\\n');
  const start = async (protocol: 'SSL' | 'SASL_SSL', { certificateFile, keyFile } = authority) => {
    const listener = `listener.name.${protocol.toLowerCase()}`;
    const login =
      'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required ' +
      'unsecuredLoginStringClaim_sub="broker";';
    kafka = await startOwnKafka({
      extraListener: {
        protocol,
        settings: {
          'ssl.keystore.type': 'PEM',
          'ssl.keystore.certificate.chain': pem(certificateFile),
          'ssl.keystore.key': pem(keyFile),
          ...(protocol === 'SSL'
            ? {}
            : {
                'sasl.enabled.mechanisms': 'OAUTHBEARER',
                [`${listener}.oauthbearer.sasl.jaas.config`]: login,
              }),
        },
      },
    });
    await provisionTopics({ brokers: kafka.brokers });
  };
  /** Starts an API with these settings; returns what it says about Kafka. */
  const startApi = async (change: Readonly<Record<string, string>>) => {
    const env = { EVENTS: 'kafka', KAFKA_BROKERS: kafka.extraBrokers, KAFKA_TOPIC: orderEventsTopic.name };
    const api = await shop.start(['api'], { env: { ...env, ...change } });
    const { status, body } = await shop.client(api).get('/status');
    const { kafka: state } = body.dependencies as Record<string, { status: string }>;
    const said = state?.status === 'up' ? undefined : await api.waitForLog('events_unavailable');
    // The balancer keeps the process: it can take orders.
    expect((await shop.client(api).get('/readyz')).status).to.equal(200);
    await api.stop();
    return { status, state: state?.status, reason: said?.['reason'] };
  };
  const unavailable = (reason: string) => ({
    status: 503,
    state: 'down',
    reason: `Kafka at ${kafka.extraBrokers} cannot be used: ${reason}`,
  });

  it('uses TLS with a trusted certificate, or fails with one sentence', async () => {
    await start('SSL');
    const trusted = { NODE_EXTRA_CA_CERTS: authority.authorityFile };
    expect(await startApi({ KAFKA_TLS: 'true', ...trusted })).to.deep.equal({
      status: 200,
      state: 'up',
      reason: undefined,
    });
    expect(await startApi({ KAFKA_TLS: 'true' })).to.deep.equal(
      unavailable('the certificate does not fit (UNABLE_TO_VERIFY_LEAF_SIGNATURE)'),
    );
    expect(await startApi({ KAFKA_TLS: 'true', ...trusted, KAFKA_TOPIC: 'nowhere' })).to.deep.equal(
      unavailable('the topic nowhere does not exist'),
    );
  });

  it('fails with one sentence if the certificate has another name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rowlock-kafka-tls-'));
    onCleanup(() => rmSync(folder, { recursive: true, force: true }));
    const other = tlsAuthority(folder, ['DNS:elsewhere.example']);
    await start('SSL', other);
    expect(await startApi({ KAFKA_TLS: 'true', NODE_EXTRA_CA_CERTS: other.authorityFile })).to.deep.equal(
      unavailable('the certificate does not fit (ERR_TLS_CERT_ALTNAME_INVALID)'),
    );
  });

  it('fails with one sentence if the broker rejects the token, or the process has none', async () => {
    await start('SASL_SSL');
    const iam = { KAFKA_AUTH: 'iam', NODE_EXTRA_CA_CERTS: authority.authorityFile };
    expect(await startApi(iam)).to.deep.equal(unavailable('the broker refuses the login'));
    const noCredentials = {
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    expect(await startApi({ ...iam, ...noCredentials })).to.deep.equal(
      unavailable('this process has no AWS credentials for the login'),
    );
  });
});

import { type Environment, parseConfig } from '../../../app/config/read-config.ts';

/** The settings of the role api in one object, for servers and tests that take the place of the app. */
export function flatConfig(environment: Environment) {
  const { shared, shop, api } = parseConfig(environment, ['api']);
  if (shop === undefined || api === undefined) throw new Error('the role api has settings of its own');
  return { ...shared, ...shop, ...api };
}

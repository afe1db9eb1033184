import { type FaultProxy, openFaultProxy } from '../../support/servers/fault-proxy.ts';
import type { ServerName } from './fault-servers.ts';

export const processNames = ['api-1', 'api-2', 'worker', 'data-platform'] as const;

export type ProcessName = (typeof processNames)[number];

/** Every process reaches every server through its own proxy, so that a link may fail for a single process. */
export interface FaultLinks {
  of(process: ProcessName, server: ServerName): FaultProxy;
  /** Sends new connections of all processes to the server's new address. */
  retarget(server: ServerName, url: string): void;
  /** Restores all links. */
  heal(): Promise<void>;
}

const serverNames: readonly ServerName[] = ['mysql', 'redis', 'aws'];

export async function openFaultLinks(urls: Readonly<Record<ServerName, string>>): Promise<FaultLinks> {
  const proxies = new Map<string, FaultProxy>();
  for (const process of processNames) {
    for (const server of serverNames) proxies.set(`${process} ${server}`, await openFaultProxy(urls[server]));
  }
  const links: FaultLinks = {
    of: (process, server) => {
      const proxy = proxies.get(`${process} ${server}`);
      if (proxy === undefined) throw new Error(`no link between ${process} and ${server}`);
      return proxy;
    },
    retarget: (server, url) => {
      for (const process of processNames) links.of(process, server).retarget(url);
    },
    heal: async () => {
      for (const proxy of proxies.values()) {
        proxy.watchClient(undefined);
        await proxy.pass();
      }
    },
  };
  return links;
}

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pageRooms } from '../../app/contract/page-files.ts';
import { pageHeaders } from '../../app/http/pages/page-policy.ts';
import { readPages } from '../../app/http/pages/read-pages.ts';
import { languageOf } from '../../app/web/shared/pick-language.ts';
import { buildPages } from '../../scripts/pages/build-pages.ts';
import { pageSizes } from '../../scripts/pages/page-sizes.ts';

const top = join(import.meta.dirname, '../..');
/** Bytes of compressed script that a visitor may have to load, and what the console's chart adds. */
const scriptBytesMax = { shop: 30_000, console: 60_000 };
const CHART_BYTES_MAX = 25_000;

describe('the built pages', () => {
  let directory: string;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rowlock-pages-'));
    await buildPages({ top, directory });
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  it('stay within the budget of compressed script', () => {
    for (const { room, scriptBytes, chartBytes } of pageSizes(directory)) {
      expect(scriptBytes, room).to.be.within(5000, scriptBytesMax[room]);
      expect(chartBytes, `${room} chart`).to.be.at.most(CHART_BYTES_MAX);
    }
  });

  it('have an index.html that loads files of its own room only and runs nothing inline', () => {
    for (const room of pageRooms) {
      const html = readFileSync(join(directory, room, 'index.html'), 'utf8');
      const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
      expect(loaded, room).to.have.lengthOf.at.least(4);
      for (const path of loaded) {
        expect(path).to.match(new RegExp(`^/${room}/[a-z]`));
        expect(existsSync(join(directory, path)), path).to.equal(true);
      }
      expect(html).to.not.match(/<script(?![^>]*src=)|<style|style=|\son[a-z]+=/);
      expect(html).to.not.include('{{');
    }
  });

  it('load nothing from another host; links in error messages are not loaded', () => {
    for (const room of pageRooms) {
      for (const name of readdirSync(join(directory, room)).filter((file) => /\.(js|css)$/.test(file))) {
        const text = readFileSync(join(directory, room, name), 'utf8');
        const hosts = [...text.matchAll(/https?:\/\/([a-z0-9.-]+)/g)].map(([, host]) => host);
        const others = hosts.filter((host) => host !== 'www.w3.org' && host !== 'github.com');
        expect(others, name).to.deep.equal([]);
      }
    }
  });

  it('are immutable where the name holds a hash, and revalidated otherwise', () => {
    const files = readPages(directory, { isOptional: false })?.get('shop');
    const cacheOf = (pattern: RegExp) =>
      [...(files ?? [])].find(([name]) => pattern.test(name))?.[1].cacheControl;
    expect(cacheOf(/^shop-.*\.js$/)).to.include('immutable');
    expect(cacheOf(/^style-.*\.css$/)).to.include('immutable');
    expect(cacheOf(/\.woff2$/)).to.include('immutable');
    expect(cacheOf(/^index\.html$/)).to.equal('public, no-cache');
    expect(cacheOf(/^icon\.svg$/)).to.equal('public, no-cache');
  });

  it('of the shop name no address of admins', () => {
    const scriptOf = (room: string) => {
      const name = readdirSync(join(directory, room)).find((file) => file.startsWith(`${room}-`)) ?? '';
      return readFileSync(join(directory, room, name), 'utf8');
    };
    expect(scriptOf('shop')).to.include('/orders').and.not.include('/admin/');
    expect(scriptOf('console')).to.include('/admin/');
  });

  it('carry the licence of their font', () => {
    for (const room of pageRooms)
      expect(readFileSync(join(directory, room, 'font-licence.txt'), 'utf8')).to.include('OPEN FONT LICENSE');
  });

  it('are required where a folder is named, and optional otherwise', () => {
    const nowhere = join(directory, 'nowhere');
    expect(readPages(nowhere, { isOptional: true })).to.equal(undefined);
    expect(() => readPages(nowhere, { isOptional: false })).to.throw('npm run pages');
  });
});

describe('the policy of the pages', () => {
  const origins = { imagesOrigin: 'https://images.example', uploadsOrigin: 'https://uploads.example' };
  const directives = (room: 'shop' | 'console') =>
    (pageHeaders(room, origins)['Content-Security-Policy'] ?? '').split('; ');

  it('allows images of the configured origin only, and nothing unsafe', () => {
    expect(directives('shop')).to.include.members([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' https://images.example",
      "connect-src 'self'",
      "frame-ancestors 'none'",
    ]);
    for (const room of pageRooms) expect(directives(room).join()).to.not.match(/unsafe|\*|data:|http:/);
  });

  it('lets only the console upload', () => {
    expect(directives('console')).to.include("connect-src 'self' https://uploads.example");
    expect(directives('shop').join()).to.not.include('uploads.example');
  });
});

describe('the language of the pages', () => {
  it('is the chosen one, else the first of the browser that exists, else English', () => {
    expect(languageOf('ko', ['en-GB'])).to.equal('ko');
    expect(languageOf(undefined, ['fr-FR', 'ko-KR', 'en'])).to.equal('ko');
    expect(languageOf('tlh', ['en-US', 'ko'])).to.equal('en');
    expect(languageOf(undefined, ['fr', 'de'])).to.equal('en');
  });
});

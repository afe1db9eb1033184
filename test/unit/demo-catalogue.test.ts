import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sharp from 'sharp';
import { STOCK_MAX } from '../../app/catalogue/adjust-stock.ts';
import { idSchema, PRICE_MAX_KRW } from '../../app/http/contract/schemas.ts';
import { textSchema } from '../../app/http/contract/text-schema.ts';
import { type Colours, kindNames, kinds } from '../../scripts/seed/catalogue/kinds.ts';
import { DEMO_IMAGE_ID_PREFIX, DEMO_TIME, demoCatalogue } from '../../scripts/seed/demo-catalogue.ts';
import { PICTURE_SIZE_PX, productPicture } from '../../scripts/seed/images/product-picture.ts';
import { renderPictures } from '../../scripts/seed/images/render-pictures.ts';
import { onCleanup } from '../support/cleanup.ts';

const PICTURE_MAX_BYTES = 200_000;
const catalogueDir = join(import.meta.dirname, '../../scripts/seed/catalogue');

describe('demo catalogue', () => {
  it('has 100 products with unique names and ids', () => {
    expect(demoCatalogue).to.have.length(100);
    expect(new Set(demoCatalogue.map(({ name }) => name))).to.have.length(100);
    expect(new Set(demoCatalogue.flatMap(({ id, imageId }) => [id, imageId]))).to.have.length(200);
  });

  it('has ascending version 7 ids of one past time', () => {
    const ids = demoCatalogue.map(({ id }) => id);
    expect(ids).to.deep.equal(ids.toSorted());
    for (const id of [...ids, ...demoCatalogue.map(({ imageId }) => imageId)]) {
      expect(idSchema.safeParse(id).success, id).to.equal(true);
      expect(id).to.match(/^.{14}7.{4}[89ab]/);
      expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).to.equal(DEMO_TIME.getTime());
      expect(id.startsWith(DEMO_IMAGE_ID_PREFIX)).to.equal(true);
    }
    expect(DEMO_TIME.getTime()).to.be.below(Date.now());
  });

  it('keeps the ids of shops that are already seeded', () => {
    expect(demoCatalogue[0]?.id).to.equal('019b8b74-1800-7000-a000-000000000001');
    expect(demoCatalogue[99]?.imageId).to.equal('019b8b74-1800-7099-b000-000000000002');
  });

  it('shows every kind of product on a page of ten', () => {
    for (let start = 0; start < demoCatalogue.length; start += 10)
      expect(new Set(demoCatalogue.slice(start, start + 10).map(({ kind }) => kind))).to.have.length(10);
  });

  it('stays within what the API accepts', () => {
    for (const { name, description, priceKrw, openingStock, purchaseLimit } of demoCatalogue) {
      expect(textSchema(1, 200).safeParse(name).success, name).to.equal(true);
      expect(textSchema(1, 4000).safeParse(description).success, name).to.equal(true);
      expect(priceKrw, name).to.satisfy(Number.isInteger).and.to.be.within(3900, 1_890_000);
      expect(priceKrw).to.be.at.most(PRICE_MAX_KRW);
      expect(openingStock, name).to.satisfy(Number.isInteger).and.to.be.within(0, STOCK_MAX);
      expect(purchaseLimit ?? 1, name).to.be.within(1, 10_000);
    }
  });

  it('has two sold-out products and one limited drop', () => {
    expect(demoCatalogue.filter(({ openingStock }) => openingStock === 0)).to.have.length(2);
    const limited = demoCatalogue.filter(({ purchaseLimit }) => purchaseLimit !== undefined);
    expect(limited.map(({ openingStock, purchaseLimit }) => [openingStock, purchaseLimit])).to.deep.equal([
      [100, 1],
    ]);
  });
});

describe('pictures of the demo catalogue', () => {
  it('are distinct square PNG files of at most 200 KB, twice the size of their drawings', async function () {
    const cacheDir = await temporaryFolder();
    const { files, renderedCount } = await renderPictures(demoCatalogue, cacheDir);
    expect(renderedCount).to.equal(100);
    for (const { name, imageId } of demoCatalogue) {
      const bytes = files.get(imageId) as Buffer;
      expect(bytes.length, name).to.be.within(1000, PICTURE_MAX_BYTES);
      const { format, width, height } = await sharp(bytes).metadata();
      expect({ format, width, height }, name).to.deep.equal({
        format: 'png',
        width: 2 * PICTURE_SIZE_PX,
        height: 2 * PICTURE_SIZE_PX,
      });
    }
    expect(new Set([...files.values()].map((bytes) => bytes.toString('base64')))).to.have.length(100);

    const again = await renderPictures(demoCatalogue.slice(0, 3), cacheDir);
    expect(again.renderedCount, 'rendered although they are in the cache').to.equal(0);
    const [folder = ''] = await readdir(cacheDir);
    expect(await readdir(join(cacheDir, folder))).to.have.length(100);
  });

  it('contain no undefined number and no text that needs an installed font', () => {
    for (const product of demoCatalogue) {
      const svg = productPicture(product);
      expect(svg, product.name).not.to.match(/NaN|undefined|<text|font-family/);
      expect(productPicture(product)).to.equal(svg);
    }
  });

  it('use every drawing', async () => {
    for (const kind of kindNames) {
      const files = (await readdir(join(catalogueDir, kind))).filter((file) => file.endsWith('.svg'));
      const used = new Set(kinds[kind].goods.map(({ drawing }) => `${drawing}.svg`));
      expect(files.toSorted(), kind).to.deep.equal([...used].toSorted());
    }
  });

  it('use only the colours of their own colourway', () => {
    for (const product of demoCatalogue) {
      const { colourways } = kinds[product.kind];
      const chosen = product.position % colourways.length;
      const own = Object.values(colourways[chosen] as Colours);
      expect(new Set(own), 'a colour with two roles cannot be replaced').to.have.length(own.length);
      const foreign = colourways
        .flatMap((colours) => Object.values(colours))
        .filter((one) => !own.includes(one));
      const used = productPicture(product).match(/#[0-9a-f]+/g) ?? [];
      expect(
        used.filter((colour) => foreign.includes(colour)),
        product.name,
      ).to.deep.equal([]);
      expect(
        used.filter((colour) => own.includes(colour)),
        product.name,
      ).to.have.length.above(3);
    }
  });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rowlock-pictures-'));
  onCleanup(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import specification from '@asyncapi/specs/schemas/3.0.0-without-$id.json' with { type: 'json' };
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { asyncApiDocument } from '../../app/events/async-api.ts';
import { orderCancelledEvent, orderCompletedEvent } from '../../app/events/order-event.ts';

const written = join(import.meta.dirname, '../../docs/api/events.json');

interface Messages {
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly payload: { readonly schema: object } }>>;
  };
}

const order = {
  orderId: '01932b5f-0000-7000-8000-000000000001',
  userId: '01932b5f-0000-7000-8000-000000000002',
  totalKrw: 900,
  discountKrw: 100,
  createdAt: new Date('2026-11-30T00:00:00.000Z'),
  items: [{ productId: '01932b5f-0000-7000-8000-000000000003', quantity: 2, unitPriceKrw: 500 }],
};
const events = {
  OrderCompleted: orderCompletedEvent(order),
  OrderCancelled: orderCancelledEvent(order, new Date('2026-11-30T01:00:00.000Z')),
  OrderCompletedV1: orderCompletedEvent(order, '1'),
  OrderCancelledV1: orderCancelledEvent(order, new Date('2026-11-30T01:00:00.000Z'), '1'),
};

describe('the description of the events', () => {
  const { messages } = (asyncApiDocument() as unknown as Messages).components;
  const isValid = (name: string, event: object) =>
    new Ajv2020({ validateFormats: false }).validate(messages[name]?.payload.schema ?? false, event);

  it('is valid AsyncAPI 3.0', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    expect(ajv.validate(specification, asyncApiDocument()), ajv.errorsText()).to.equal(true);
    expect(ajv.validate(specification, { ...asyncApiDocument(), channels: 1 })).to.equal(false);
  });

  it('is what docs/api/events.json says; npm run contract -- --events writes it', () => {
    expect(JSON.parse(readFileSync(written, 'utf8'))).to.deep.equal(
      JSON.parse(JSON.stringify(asyncApiDocument())),
    );
  });

  it('fits a batch of events, and none with anything else in it', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(asyncApiDocument(), 'events.json');
    const isBatch = ajv.compile({ $ref: 'events.json#/components/messages/OrderEventBatch/payload/schema' });
    const all = Object.values(events);
    expect(isBatch(all)).to.equal(true);
    for (const other of [[], [{}], [...all, { ...all[0], data: {} }], all[0]]) {
      expect(isBatch(other), JSON.stringify(other)).to.equal(false);
    }
  });

  for (const [name, event] of Object.entries(events))
    it(`fits the ${name} that the shop sends, and no other event`, () => {
      expect(isValid(name, event)).to.equal(true);
      for (const other of Object.keys(events).filter((one) => one !== name)) {
        expect(isValid(other, event), other).to.equal(false);
      }
      expect(isValid(name, { ...event, data: { ...event.data, lines: [] } })).to.equal(false);
    });
});

import { expect } from 'chai';
import { decideLine, type LineFacts } from '../../app/orders/decide-line.ts';

const facts = (changed: Partial<LineFacts> & { readonly limit?: number } = {}): LineFacts => ({
  product: { status: 'ACTIVE', purchaseLimit: changed.limit },
  available: 5,
  held: 0,
  ...changed,
});

describe('decideLine', () => {
  it('rejects a product that is unknown, without a stock row, or off sale', () => {
    const refusal = { code: 'product_not_found' };
    expect(decideLine(facts({ product: undefined }), 1)).to.deep.equal(refusal);
    expect(decideLine(facts({ available: undefined }), 1)).to.deep.equal(refusal);
    const offSale = { status: 'INACTIVE', purchaseLimit: undefined } as const;
    expect(decideLine(facts({ product: offSale }), 1)).to.deep.equal(refusal);
  });

  it('lets a customer reach the purchase limit exactly, and not exceed it', () => {
    expect(decideLine(facts({ limit: 3, held: 1 }), 2)).to.deep.equal({ code: 'orderable' });
    expect(decideLine(facts({ limit: 3, held: 1 }), 3)).to.deep.equal({
      code: 'purchase_limit_exceeded',
      limit: 3,
      held: 1,
    });
  });

  it('sells the last unit, and no more', () => {
    expect(decideLine(facts(), 5)).to.deep.equal({ code: 'orderable' });
    const refusal = { code: 'out_of_stock', requested: 6, available: 5 };
    expect(decideLine(facts(), 6)).to.deep.equal(refusal);
  });
});

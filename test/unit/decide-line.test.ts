import { expect } from 'chai';
import { decideLine, type LineFacts } from '../../app/orders/decide-line.ts';

const AT = new Date('2026-11-30T00:00:00Z');
const after = (ms: number) => new Date(AT.getTime() + ms);

const facts = (changed: Partial<LineFacts> & { readonly limit?: number } = {}): LineFacts => ({
  product: { status: 'ACTIVE', purchaseLimit: changed.limit },
  available: 5,
  held: 0,
  at: AT,
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

  it('sells from the first moment of the sale until before its last, and names the bound', () => {
    const sale = (saleFrom: Date | undefined, saleUntil: Date | undefined) =>
      decideLine(facts({ product: { status: 'ACTIVE', purchaseLimit: undefined, saleFrom, saleUntil } }), 1);
    expect(sale(AT, after(1))).to.deep.equal({ code: 'orderable' });
    expect(sale(after(-1), undefined)).to.deep.equal({ code: 'orderable' });
    expect(sale(after(1), after(2))).to.deep.equal({
      code: 'sale_not_open',
      reason: 'not_started',
      saleFrom: after(1),
    });
    expect(sale(undefined, AT)).to.deep.equal({ code: 'sale_not_open', reason: 'ended', saleUntil: AT });
  });

  it('says that a sale is not open before it says that units or the limit do not suffice', () => {
    const product = { status: 'ACTIVE', purchaseLimit: 1, saleUntil: AT } as const;
    expect(decideLine(facts({ product, held: 1 }), 9).code).to.equal('sale_not_open');
    const offSale = { ...product, status: 'INACTIVE' } as const;
    expect(decideLine(facts({ product: offSale }), 9).code).to.equal('product_not_found');
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

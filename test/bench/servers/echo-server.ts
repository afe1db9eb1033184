/** Baseline of Express alone: parses a JSON body and responds with JSON of the size of an order. */
import express from 'express';

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.get('/readyz', (_request, response) => {
  response.json({ status: 'ready' });
});
app.post('/orders', express.json(), (request, response) => {
  const { items } = request.body as { items: readonly { productId: string; quantity: number }[] };
  response.json({
    id: '01900000-0000-7000-8000-000000000000',
    status: 'COMPLETED',
    items: items.map(({ productId, quantity }) => ({
      productId,
      name: 'Product 1',
      unitPrice: 1000,
      quantity,
      stockSeq: 123_456,
    })),
    subtotal: 1000,
    discount: 0,
    total: 1000,
    balanceAfter: 99_999_000,
    balanceSeq: 17,
    createdAt: new Date(),
  });
});
app.listen(Number(process.env.HTTP_PORT), '127.0.0.1');

import { useRoute } from 'preact-iso/router';
import { type Loaded, useLoad } from '../../shared/use-load.ts';
import { ActionList } from '../operators/action-list.tsx';
import { Page } from '../parts/page.tsx';
import { SkeletonCards, View } from '../parts/view.tsx';
import { paths } from '../paths.ts';
import { PicturesCard } from './pictures/pictures-card.tsx';
import type { AdminProduct } from './product.ts';
import { readProduct } from './product.ts';
import { ProductForm } from './product-form.tsx';
import { StatusPill } from './product-state.tsx';
import { StockCard } from './stock-card.tsx';
import { StockLedgerCard } from './stock-ledger-card.tsx';
import { productWords } from './words.ts';

export function ProductPage() {
  const { id = '' } = useRoute().params;
  const loaded = useLoad(id, (signal) => readProduct(id, signal));
  const words = productWords.value;
  return (
    <Page
      title={loaded.data?.name ?? words.title}
      above={{ href: paths.products, text: words.title }}
      at={loaded.at}
      state={loaded.data && <StatusPill product={loaded.data} />}
      actions={
        <>
          <a class="button plain" href={paths.sale(id)}>
            {words.inSaleRoom}
          </a>
          <a class="button plain" href={`/shop/products/${id}`}>
            {words.inShop}
          </a>
        </>
      }
    >
      <View loaded={loaded} skeleton={<SkeletonCards />}>
        {(product) => <Details key={id} product={product} loaded={loaded} />}
      </View>
    </Page>
  );
}

function Details({ product, loaded }: { product: AdminProduct; loaded: Loaded<AdminProduct> }) {
  return (
    <div class="columns">
      <div class="stack">
        <ProductForm product={product} onSaved={loaded.reload} />
        <PicturesCard product={product} onChanged={loaded.reload} />
        <StockLedgerCard productId={product.id} turn={loaded.at} />
      </div>
      <div class="stack">
        <StockCard product={product} onChanged={loaded.reload} />
        <ActionList targetId={product.id} turn={loaded.at} />
      </div>
    </div>
  );
}

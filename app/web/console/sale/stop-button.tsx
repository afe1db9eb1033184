import { useRef } from 'preact/hooks';
import { api } from '../../shared/api.ts';
import { DeedError } from '../parts/deed-error.tsx';
import { say } from '../parts/say.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { type AdminProduct, readProduct, versionOf } from '../products/product.ts';
import { saleWords } from './words.ts';

/** Takes a product off sale, after saying what that does, or puts it back. */
export function StopButton({ product, onChanged }: { product: AdminProduct; onChanged: () => void }) {
  const words = saleWords.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const isStopped = product.status === 'INACTIVE';
  const deed = useDeed(product.status, async () => {
    await setStatus(product.id, isStopped ? 'ACTIVE' : 'INACTIVE');
    dialog.current?.close();
    say('ok', isStopped ? words.didResume : words.didStop);
    onChanged();
  });
  if (isStopped)
    return (
      <>
        <DeedError error={deed.error} />
        <button type="button" aria-disabled={deed.isBusy} onClick={() => void deed.run()}>
          {words.resume}
        </button>
      </>
    );
  return (
    <>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        {words.stop}
      </button>
      <dialog ref={dialog} class="card pad ask" aria-labelledby="stop-title" onClose={deed.forget}>
        <h2 id="stop-title">{words.stopTitle(product.name)}</h2>
        <p>{words.stopText}</p>
        <DeedError error={deed.error} />
        <div class="row">
          <button type="button" class="danger" aria-disabled={deed.isBusy} onClick={() => void deed.run()}>
            {words.doStop}
          </button>
          <button type="button" class="plain" onClick={() => dialog.current?.close()}>
            {words.keep}
          </button>
        </div>
      </dialog>
    </>
  );
}

/** Changes nothing but the status, whatever else was edited since the page read the product. */
async function setStatus(productId: string, status: AdminProduct['status']): Promise<void> {
  const { fields, tag } = versionOf(await readProduct(productId));
  await api.call('replaceProduct', { path: { productId }, body: { ...fields, status }, ifMatch: tag });
}

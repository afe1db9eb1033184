import { useEffect, useRef } from 'preact/hooks';
import { sharedWords } from '../../shared/words.ts';
import { paths } from '../paths.ts';
import { words } from '../words/shop-words.ts';
import { CartView } from './cart-view.tsx';
import { isCartOpen } from './cart-state.ts';

/** The cart beside the page that the customer is on; on a phone it covers it. */
export function CartDrawer() {
  const { cart } = words.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isCartOpen.value;
  useEffect(() => {
    if (isOpen && dialog.current?.open === false) dialog.current.showModal();
    if (!isOpen && dialog.current?.open === true) dialog.current.close();
  }, [isOpen]);
  const close = (): void => {
    isCartOpen.value = false;
  };
  return (
    <dialog
      ref={dialog}
      class="drawer"
      aria-labelledby="drawer-title"
      onClose={close}
      onClick={(event) => {
        // The backdrop is part of the dialog's own box.
        if (event.target === dialog.current) close();
      }}
    >
      <div class="panel">
        <header>
          <h2 id="drawer-title">{cart.title}</h2>
          <a class="small end" href={paths.cart} onClick={close}>
            {cart.toPage}
          </a>
          <button type="button" class="plain" onClick={close}>
            {sharedWords.value.close}
          </button>
        </header>
        {isOpen && <CartView isDrawer />}
      </div>
    </dialog>
  );
}

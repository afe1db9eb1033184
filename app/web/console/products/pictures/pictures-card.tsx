import { api } from '../../../shared/api.ts';
import { DeedError } from '../../parts/deed-error.tsx';
import { say } from '../../parts/say.tsx';
import { useDeed } from '../../parts/use-deed.ts';
import { may } from '../../session/session-state.ts';
import type { AdminProduct } from '../product.ts';
import { DropZone } from './drop-zone.tsx';
import { UploadRow } from './upload-row.tsx';
import { Variants } from './variants.tsx';
import { useUploads } from './use-uploads.ts';
import { pictureWords } from './words.ts';

export function PicturesCard({ product, onChanged }: { product: AdminProduct; onChanged: () => void }) {
  const words = pictureWords.value;
  const uploads = useUploads(product.id, onChanged);
  return (
    <section class="card pad">
      <div class="cap">
        <h2 class="h3">{words.title}</h2>
      </div>
      {product.images.length === 0 ? (
        <p class="quiet small">{words.none}</p>
      ) : (
        <ul class="pictures">
          {product.images.map((image) => (
            <Picture key={image.id} image={image} onChanged={onChanged} />
          ))}
        </ul>
      )}
      {may('operator') && <DropZone onFiles={uploads.add} />}
      {uploads.list.length > 0 && (
        <ul class="uploads">
          {uploads.list.map((upload) => (
            <UploadRow key={upload.id} upload={upload} uploads={uploads} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Picture({ image, onChanged }: { image: AdminProduct['images'][number]; onChanged: () => void }) {
  const words = pictureWords.value;
  const removal = useDeed(image.id, async () => {
    await api.call('removeImage', { path: { imageId: image.id } });
    say('ok', words.removed);
    onChanged();
  });
  const shown = image.variants.find(({ size }) => size >= 400) ?? image.variants.at(-1);
  return (
    <li>
      {shown !== undefined && (
        <img src={shown.url} width={shown.width} height={shown.height} alt="" loading="lazy" />
      )}
      <Variants variants={image.variants} />
      <DeedError error={removal.error} />
      {may('operator') && (
        <button type="button" class="text" aria-disabled={removal.isBusy} onClick={() => void removal.run()}>
          {words.remove}
        </button>
      )}
    </li>
  );
}

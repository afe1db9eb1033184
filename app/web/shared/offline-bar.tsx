import { isOnline } from './online.ts';
import { sharedWords } from './words.ts';

export function OfflineBar() {
  return (
    <div role="status" class="offline">
      {!isOnline.value && <p class="told warn">{sharedWords.value.offline}</p>}
    </div>
  );
}

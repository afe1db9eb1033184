import { useEffect, useState } from 'preact/hooks';
import type { UploadStep } from './upload-picture.ts';
import type { Upload, Uploads } from './use-uploads.ts';
import { Variants } from './variants.tsx';
import { pictureWords } from './words.ts';

/** One upload: a preview, how far it is, and what can be done about it. */
export function UploadRow({ upload, uploads }: { upload: Upload; uploads: Uploads }) {
  const words = pictureWords.value;
  const { id, file, step } = upload;
  const preview = usePreview(file);
  const canStop = step.code === 'waiting' || step.code === 'announcing' || step.code === 'uploading';
  const canRepeat = step.code === 'failed' || step.code === 'stopped';
  return (
    <li class="upload">
      {preview === undefined ? <span class="thumbnail" /> : <img class="thumbnail" src={preview} alt="" />}
      <div class="stack tiny-gap">
        <span class="row small">
          <b class="clip">{file.name}</b>
          <span class={`pill ${toneOf(step)}`} role="status">
            {stepText(step)}
          </span>
        </span>
        <progress max={100} value={percentOf(step)} aria-label={words.progress(file.name)} />
        {step.code === 'ready' && <Variants variants={step.image.variants} />}
        {reasonText(step) !== undefined && <span class="small">{reasonText(step)}</span>}
      </div>
      <span class="row">
        {canStop && (
          <button type="button" class="text" onClick={() => uploads.stop(id)}>
            {words.stop}
          </button>
        )}
        {canRepeat && (
          <button type="button" class="text" onClick={() => uploads.again(id)}>
            {words.again}
          </button>
        )}
        {!canStop && step.code !== 'processing' && (
          <button type="button" class="text" onClick={() => uploads.forget(id)}>
            {words.done}
          </button>
        )}
      </span>
    </li>
  );
}

function usePreview(file: File): string | undefined {
  const [url, setUrl] = useState<string | undefined>(undefined);
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url;
}

function stepText(step: UploadStep): string {
  const { steps } = pictureWords.value;
  return step.code === 'uploading' ? steps.uploading(step.percent) : steps[step.code];
}

function toneOf({ code }: UploadStep): string {
  if (code === 'ready') return 'ok';
  if (code === 'failed' || code === 'rejected') return 'bad';
  return code === 'waiting' || code === 'stopped' ? '' : 'accent';
}

/** The upload itself is most of the way; the worker's part has no measure. */
function percentOf(step: UploadStep): number | undefined {
  if (step.code === 'uploading') return step.percent;
  if (step.code === 'processing' || step.code === 'announcing') return undefined;
  return step.code === 'ready' ? 100 : 0;
}

function reasonText(step: UploadStep): string | undefined {
  const words = pictureWords.value;
  if (step.code === 'failed') return words[step.reason];
  return step.code === 'rejected' && step.reason !== null ? words.reasons[step.reason] : undefined;
}

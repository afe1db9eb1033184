import { useEffect, useRef, useState } from 'preact/hooks';
import { RowlockProblem } from '../../../shared/api.ts';
import { type AdminImage, uploadPicture, type UploadStep } from './upload-picture.ts';

export interface Upload {
  readonly id: number;
  readonly file: File;
  readonly step: UploadStep;
}

export interface Uploads {
  readonly list: readonly Upload[];
  add(files: readonly File[]): void;
  stop(id: number): void;
  again(id: number): void;
  forget(id: number): void;
}

const isOver = ({ code }: UploadStep) => ['ready', 'rejected', 'failed', 'stopped'].includes(code);

/** Uploads one file after the other, so that each has the whole line and the order stays. */
export function useUploads(productId: string, onReady: () => void): Uploads {
  const [list, setList] = useState<readonly Upload[]>([]);
  const nextId = useRef(1);
  const current = useRef<{ readonly id: number; readonly ended: AbortController } | undefined>(undefined);
  const update = (id: number, step: UploadStep): void =>
    setList((before) => before.map((upload) => (upload.id === id ? { ...upload, step } : upload)));

  useEffect(() => {
    const next = list.find(({ step }) => step.code === 'waiting');
    if (current.current !== undefined || next === undefined) return;
    const ended = new AbortController();
    current.current = { id: next.id, ended };
    const onStep = (step: UploadStep): void => {
      if (ended.signal.aborted) return;
      update(next.id, step);
      if (step.code === 'ready') onReady();
    };
    void uploadPicture({ productId, file: next.file, onStep, signal: ended.signal })
      .catch((error: unknown) => onStep(stepOf(error)))
      .finally(() => {
        current.current = undefined;
        // Wakes the next one.
        setList((before) => [...before]);
      });
  }, [list]);
  useEffect(() => () => current.current?.ended.abort(), []);

  return {
    list,
    add(files) {
      const added = files.map((file) => ({ id: nextId.current++, file, step: { code: 'waiting' } as const }));
      setList((before) => [...before, ...added]);
    },
    stop(id) {
      if (current.current?.id === id) current.current.ended.abort();
      update(id, { code: 'stopped' });
    },
    again: (id) => update(id, { code: 'waiting' }),
    forget: (id) => setList((before) => before.filter((upload) => upload.id !== id || !isOver(upload.step))),
  };
}

function stepOf(error: unknown): UploadStep {
  if (error instanceof RowlockProblem && error.code === 'image_rejected')
    return { code: 'rejected', reason: (error.problem['reason'] as AdminImage['reason']) ?? null };
  return { code: 'failed', reason: 'noAnswer' };
}

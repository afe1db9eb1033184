import { useRoute } from 'preact-iso/router';
import { watchedFetch } from '../../shared/api.ts';
import { dictionaryOf } from '../../shared/language.ts';
import { useLoad } from '../../shared/use-load.ts';
import { Page } from '../parts/page.tsx';
import { SkeletonCards, View } from '../parts/view.tsx';
import { paths } from '../paths.ts';
import { overviewWords } from '../overview/words.ts';
import { type Block, type Span, sectionOf } from './parse-runbook.ts';

const en = {
  missing: 'The runbook has no such heading.',
  source: 'From docs/runbook.md of this release.',
};
const ko: typeof en = {
  missing: '대응 안내서에 이런 제목이 없습니다.',
  source: '이 릴리스의 docs/runbook.md에서 가져왔습니다. 본문은 영어입니다.',
};
const runbookWords = dictionaryOf<typeof en>({ en, ko });

/** A heading of the runbook that this release was built with. */
export function RunbookPage() {
  const { heading = '' } = useRoute().params;
  const words = runbookWords.value;
  const loaded = useLoad('runbook', async (signal) => {
    const reply = await watchedFetch(`${paths.base}/runbook.txt`, { signal });
    if (!reply.ok) throw new Error(`the runbook answered ${reply.status}`);
    return reply.text();
  });
  return (
    <Page title={heading} above={{ href: paths.overview, text: overviewWords.value.runbook }}>
      <View loaded={loaded} skeleton={<SkeletonCards count={1} />}>
        {(markdown) => {
          const blocks = sectionOf(markdown, heading);
          return (
            <article class="card pad narrow prose">
              {blocks === undefined ? (
                <p>{words.missing}</p>
              ) : (
                <div class="stack" lang="en">
                  {blocks.map(block)}
                </div>
              )}
              <p class="tiny quiet">{words.source}</p>
            </article>
          );
        }}
      </View>
    </Page>
  );
}

function block(shown: Block, index: number) {
  switch (shown.kind) {
    case 'code':
      return <pre key={index}>{shown.text}</pre>;
    case 'list':
      return (
        <ul key={index}>
          {shown.items.map((spans, item) => (
            <li key={item}>{spans.map(span)}</li>
          ))}
        </ul>
      );
    case 'paragraph':
      return <p key={index}>{shown.spans.map(span)}</p>;
  }
}

function span({ kind, text }: Span, index: number) {
  if (kind === 'code') return <code key={index}>{text}</code>;
  return kind === 'strong' ? <b key={index}>{text}</b> : text;
}

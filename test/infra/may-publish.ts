import { isDeepStrictEqual } from 'node:util';
import type { SynthesisedStage } from '../support/observe/synthesised-stage.ts';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal: unknown;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Whether an AWS service in the stage's account may publish to a topic over TLS, according to the template:
 * by SNS's default policy if the topic has none, otherwise by its own statements. Unknown conditions count as
 * not met.
 */
export function mayPublish(stage: SynthesisedStage, topicArn: unknown, service: string): boolean {
  const statements = stage
    .ofType('AWS::SNS::TopicPolicy')
    .filter(({ Properties }) =>
      (Properties['Topics'] as unknown[]).some((topic) => isDeepStrictEqual(topic, topicArn)),
    )
    .flatMap(({ Properties }) => Properties['PolicyDocument'].Statement as Statement[]);
  if (statements.length === 0) return true;
  const applies = ({ Principal, Action, Resource, Condition = {} }: Statement) =>
    (Principal === '*' || [(Principal as { Service?: unknown }).Service].flat().includes(service)) &&
    [Action].flat().some((action) => /^sns:publish$/i.test(action)) &&
    isDeepStrictEqual(Resource, topicArn) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, value]) => {
        const actual = { 'aws:sourceaccount': { Ref: 'AWS::AccountId' }, 'aws:securetransport': 'true' };
        const known = actual[key.toLowerCase() as keyof typeof actual];
        return /^(StringEquals|Bool)$/.test(operator) && isDeepStrictEqual(known, value);
      }),
    );
  return (
    statements.some((statement) => statement.Effect === 'Allow' && applies(statement)) &&
    !statements.some((statement) => statement.Effect === 'Deny' && applies(statement))
  );
}

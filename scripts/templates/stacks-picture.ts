import type { TemplateResource } from '../../lib/cost/cost-item.ts';

/** Rows of boxes, in deployment order. */
const rows = [
  ['Storage', 'Messaging', 'Network'],
  ['Data', 'EdgeGuard', 'Edge'],
  ['Service', 'Observability', 'EdgeWatch'],
];

/** Resources shown of a stack, by CloudFormation type; policies, routes and the like would hide them. */
const shown: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': 'bucket',
  'AWS::SQS::Queue': 'queue',
  'AWS::EC2::VPC': 'network',
  'AWS::EC2::Subnet': 'subnet',
  'AWS::EC2::NatGateway': 'NAT gateway',
  'AWS::RDS::DBInstance': 'MySQL instance',
  'AWS::ElastiCache::ReplicationGroup': 'Redis group',
  'AWS::SecretsManager::Secret': 'secret',
  'AWS::SecretsManager::RotationSchedule': 'rotation',
  'AWS::CloudFront::Distribution': 'distribution',
  'AWS::ApiGateway::RestApi': 'REST API',
  'AWS::ApiGateway::UsagePlan': 'usage plan',
  'AWS::ApiGatewayV2::VpcLink': 'VPC link',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'load balancer',
  'AWS::WAFv2::WebACL': 'web ACL',
  'AWS::AutoScaling::AutoScalingGroup': 'Auto Scaling group',
  'AWS::AutoScaling::ScalingPolicy': 'scaling policy',
  'AWS::AutoScaling::LifecycleHook': 'drain hook',
  'AWS::CloudWatch::Alarm': 'alarm',
  'AWS::CloudWatch::Dashboard': 'dashboard',
  'AWS::SNS::Topic': 'topic',
};

const BOX = { width: 310, gap: 30, rowGap: 60, line: 18, top: 34 };
const MARGIN = 20;

/**
 * The stacks as boxes with their resources, and below each what it imports from others: an SVG with generic
 * fonts.
 */
export function stacksPicture(resources: readonly TemplateResource[]): string {
  const byStack = Map.groupBy(resources, ({ stack }) => stack.split('-').at(-1) ?? stack);
  const known = rows.flat();
  const unknown = [...byStack.keys()].filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no place for ${unknown.join(', ')}`);
  const parts: string[] = [];
  let y = MARGIN;
  for (const names of rows) {
    const boxes = names.map((name) => linesOf(byStack.get(name) ?? []));
    const height = BOX.top + Math.max(...boxes.map(({ length }) => length)) * BOX.line + 12;
    for (const [column, name] of names.entries()) {
      parts.push(
        box({ name, lines: boxes[column] ?? [], x: MARGIN + column * (BOX.width + BOX.gap), y, height }),
      );
    }
    y += height + BOX.rowGap;
  }
  const width = 2 * MARGIN + 3 * BOX.width + 2 * BOX.gap;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y - BOX.rowGap + MARGIN}" ` +
      'font-family="sans-serif">',
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function linesOf(resources: readonly TemplateResource[]): string[] {
  const counts = Object.entries(shown).flatMap(([type, name]) => {
    const { length } = resources.filter(({ Type }) => Type === type);
    return length === 0 ? [] : [`${length} × ${name}`];
  });
  const imports = JSON.stringify(resources.map(({ Properties }) => Properties)).matchAll(
    /"Fn::ImportValue":"Rowlock-[a-z]+-([A-Za-z]+):/g,
  );
  const from = [...new Set([...imports].map(([, name = '']) => name))].toSorted();
  return from.length === 0 ? counts : [...counts, `← ${from.join(', ')}`];
}

function box(options: {
  name: string;
  lines: readonly string[];
  x: number;
  y: number;
  height: number;
}): string {
  const { name, lines, x, y, height } = options;
  const text = (content: string, line: number, style: string) =>
    `<text x="${x + 14}" y="${y + 24 + line * BOX.line}" font-size="14" ${style}>${content}</text>`;
  return [
    `<rect x="${x}" y="${y}" width="${BOX.width}" height="${height}" rx="8" ` +
      'fill="#f4f6f8" stroke="#5b6b7b"/>',
    text(name, 0, 'font-weight="bold" fill="#16324f"'),
    ...lines.map((line, index) =>
      text(line, index + 1.2, line.startsWith('←') ? 'fill="#a0522d"' : 'fill="#222"'),
    ),
  ].join('\n');
}

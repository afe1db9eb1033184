import type { Drawing } from './drawing.ts';

export const audioDrawings = {
  headphones: (c) => `
    <path fill="none" stroke="${c.main}" stroke-width="15" stroke-linecap="round" d="M46 150v-24a74 74 0 0 1 148 0v24"/>
    <path fill="none" stroke="${c.light}" stroke-width="5" stroke-linecap="round" d="M72 84a68 68 0 0 1 96 0"/>
    <rect x="28" y="128" width="46" height="82" rx="22" fill="${c.shade}"/><rect x="166" y="128" width="46" height="82" rx="22" fill="${c.shade}"/>
    <rect x="62" y="134" width="20" height="70" rx="10" fill="${c.accent}"/><rect x="158" y="134" width="20" height="70" rx="10" fill="${c.accent}"/>
    <path fill="#fff" opacity=".2" d="M38 150q0-10 8-14v66q-8-4-8-14z"/>`,
  speaker: (c) => `
    <rect x="60" y="26" width="120" height="180" rx="14" fill="${c.main}"/>
    <path fill="#000" opacity=".13" d="M148 26h18q14 0 14 14v152q0 14-14 14h-18z"/>
    <circle cx="120" cy="72" r="24" fill="${c.shade}"/><circle cx="120" cy="72" r="11" fill="${c.light}"/>
    <circle cx="120" cy="146" r="44" fill="${c.shade}"/><circle cx="120" cy="146" r="33" fill="${c.light}"/><circle cx="120" cy="146" r="14" fill="${c.accent}"/>
    <path fill="${c.ink}" d="M74 206h22v8H74zM144 206h22v8h-22z"/>`,
  earbuds: (c) => `
    <g transform="translate(-8 -22)"><path fill="${c.accent}" d="M88 60q28-8 34 18 2 18-14 24l-6 46q-2 8-10 6t-8-10l2-44q-18-30 2-40z"/>
    <path fill="${c.accent}" d="M168 60q-28-8-34 18-2 18 14 24l6 46q2 8 10 6t8-10l-2-44q18-30-2-40z"/>
    <circle cx="98" cy="82" r="9" fill="${c.ink}"/><circle cx="158" cy="82" r="9" fill="${c.ink}"/></g>
    <rect x="42" y="142" width="156" height="72" rx="34" fill="${c.main}"/>
    <path fill="#000" opacity=".13" d="M150 142h14q34 0 34 34v4q0 34-34 34h-30q22-30 16-72z"/>
    <path stroke="${c.shade}" stroke-width="4" d="M42 170h156"/><circle cx="120" cy="190" r="5" fill="${c.light}"/>`,
  turntable: (c) => `
    <rect x="16" y="70" width="208" height="124" rx="12" fill="${c.main}"/>
    <path fill="${c.shade}" d="M16 176h208v8q0 12-12 12H28q-12 0-12-12z"/>
    <path fill="${c.ink}" d="M40 196h26v18H40zM174 196h26v18h-26z"/>
    <ellipse cx="102" cy="122" rx="74" ry="46" fill="${c.ink}"/>
    <g fill="none" stroke="#fff" opacity=".18" stroke-width="2"><ellipse cx="102" cy="122" rx="60" ry="37"/><ellipse cx="102" cy="122" rx="46" ry="28"/></g>
    <ellipse cx="102" cy="122" rx="26" ry="16" fill="${c.accent}"/><ellipse cx="102" cy="122" rx="4" ry="3" fill="#fff"/>
    <path fill="none" stroke="${c.light}" stroke-width="7" stroke-linecap="round" stroke-linejoin="round" d="M200 88v48l-46 10"/>
    <circle cx="200" cy="88" r="13" fill="${c.light}"/><circle cx="202" cy="160" r="7" fill="${c.accent}"/>`,
  radio: (c) => `
    <path stroke="${c.ink}" stroke-width="5" stroke-linecap="round" d="M176 88l36-62"/><circle cx="212" cy="26" r="6" fill="${c.accent}"/>
    <path fill="none" stroke="${c.shade}" stroke-width="9" stroke-linecap="round" d="M62 92V66q0-8 8-8h84q8 0 8 8v26"/>
    <rect x="20" y="86" width="200" height="122" rx="20" fill="${c.main}"/>
    <circle cx="82" cy="146" r="44" fill="${c.light}"/>
    <g fill="${c.shade}">${dots(82, 146)}</g>
    <rect x="140" y="106" width="62" height="30" rx="5" fill="#fff" opacity=".9"/><path stroke="${c.accent}" stroke-width="4" d="M178 108v26"/>
    <path stroke="${c.ink}" stroke-width="2" d="M148 128h4m6 0h4m6 0h4m14 0h4"/>
    <circle cx="156" cy="172" r="15" fill="${c.accent}"/><circle cx="194" cy="172" r="10" fill="${c.shade}"/>
    <path fill="${c.ink}" d="M46 208h24v6H46zM170 208h24v6h-24z"/>`,
  microphone: (c) => `
    <path fill="none" stroke="${c.shade}" stroke-width="9" stroke-linecap="round" d="M64 92v20a56 56 0 0 0 112 0V92M120 168v36"/>
    <rect x="72" y="202" width="96" height="12" rx="6" fill="${c.ink}"/>
    <rect x="84" y="22" width="72" height="130" rx="36" fill="${c.main}"/>
    <g stroke="${c.light}" stroke-width="4" opacity=".75"><path d="M92 48h56M86 62h68M86 76h68M86 90h68"/></g>
    <path fill="#000" opacity=".13" d="M134 26q22 10 22 32v58q0 22-22 32z"/><rect x="84" y="104" width="72" height="10" fill="${c.accent}"/>`,
} satisfies Record<string, Drawing>;

/** The holes of a round grille. */
function dots(centreX: number, centreY: number): string {
  const rings = [
    { radius: 0, count: 1 },
    { radius: 12, count: 6 },
    { radius: 23, count: 11 },
    { radius: 34, count: 16 },
  ];
  return rings
    .flatMap(({ radius, count }) =>
      Array.from({ length: count }, (_, index) => {
        const angle = (index / count) * 2 * Math.PI;
        const x = (centreX + radius * Math.cos(angle)).toFixed(1);
        const y = (centreY + radius * Math.sin(angle)).toFixed(1);
        return `<circle cx="${x}" cy="${y}" r="3"/>`;
      }),
    )
    .join('');
}

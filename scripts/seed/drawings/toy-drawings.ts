import type { Drawing } from './drawing.ts';

export const toyDrawings = {
  blocks: (c) => `
    <rect x="32" y="142" width="72" height="72" rx="6" fill="${c.main}"/><rect x="112" y="142" width="72" height="72" rx="6" fill="${c.accent}"/>
    <rect x="70" y="66" width="72" height="72" rx="6" fill="${c.light}"/><path fill="${c.shade}" d="M70 62l36-40 36 40z"/>
    <path fill="none" stroke="#fff" stroke-width="7" stroke-linejoin="round" d="M68 158l18 38H50z"/><circle cx="148" cy="178" r="17" fill="none" stroke="#fff" stroke-width="7"/>
    <path fill="none" stroke="${c.shade}" stroke-width="7" d="M90 86h32v32H90z"/><path fill="${c.main}" d="M190 214a24 24 0 0 1 48 0z"/>`,
  train: (c) => `
    <path fill="${c.main}" d="M20 116h116v68H20z"/><rect x="128" y="58" width="84" height="126" rx="6" fill="${c.shade}"/>
    <rect x="146" y="78" width="48" height="40" rx="4" fill="${c.light}"/><path fill="${c.accent}" d="M118 48h104v14H118z"/>
    <path fill="${c.accent}" d="M44 78h30l8 38H36z"/><path fill="${c.ink}" d="M40 70h38v10H40z"/><g fill="#fff" opacity=".75"><circle cx="60" cy="48" r="11"/><circle cx="80" cy="32" r="8"/></g>
    <rect x="12" y="174" width="210" height="14" rx="5" fill="${c.ink}"/>
    <g fill="${c.accent}"><circle cx="50" cy="192" r="22"/><circle cx="104" cy="192" r="22"/><circle cx="176" cy="184" r="30"/></g><g fill="${c.light}"><circle cx="50" cy="192" r="9"/><circle cx="104" cy="192" r="9"/><circle cx="176" cy="184" r="12"/></g>`,
  bear: (c) => `
    <g fill="${c.main}"><circle cx="76" cy="46" r="22"/><circle cx="164" cy="46" r="22"/><ellipse cx="56" cy="158" rx="20" ry="32" transform="rotate(24 56 158)"/><ellipse cx="184" cy="158" rx="20" ry="32" transform="rotate(-24 184 158)"/><ellipse cx="120" cy="164" rx="58" ry="50"/></g>
    <g fill="${c.light}"><circle cx="76" cy="46" r="11"/><circle cx="164" cy="46" r="11"/><ellipse cx="120" cy="172" rx="34" ry="30"/></g>
    <g fill="${c.shade}"><ellipse cx="78" cy="200" rx="26" ry="15"/><ellipse cx="162" cy="200" rx="26" ry="15"/></g>
    <ellipse cx="120" cy="82" rx="62" ry="54" fill="${c.main}"/><ellipse cx="120" cy="100" rx="28" ry="21" fill="${c.light}"/>
    <g fill="${c.ink}"><circle cx="96" cy="74" r="6"/><circle cx="144" cy="74" r="6"/><ellipse cx="120" cy="91" rx="10" ry="7"/></g>
    <path fill="none" stroke="${c.ink}" stroke-width="3.5" stroke-linecap="round" d="M110 106q10 9 20 0"/><path fill="${c.accent}" d="M120 138l-26-13v26zM120 138l26-13v26z"/><circle cx="120" cy="138" r="7" fill="${c.accent}"/>`,
  kite: (c) => `
    <path fill="none" stroke="${c.ink}" stroke-width="4" stroke-linecap="round" d="M96 146q-40 20-16 44t-40 24"/>
    <path fill="${c.main}" d="M166 24L72 70l22 76z"/><path fill="${c.accent}" d="M166 24l24 92-96 30z"/><path fill="${c.light}" d="M166 24l-56 66-38-20z"/><path fill="${c.shade}" d="M110 90l80 26-96 30z"/>
    <g fill="${c.accent}"><path d="M78 172l-16-10v18zM78 172l16-6v16zM70 204l-14-12-2 18zM70 204l16-2-6 16z"/></g>`,
  rocket: (c) => `
    <path fill="${c.accent}" d="M98 176q6 40 22 38 16 2 22-38z"/><path fill="#fff" opacity=".6" d="M110 176q4 24 10 24t10-24z"/>
    <path fill="${c.shade}" d="M82 112l-36 44v38l44-22zM158 112l36 44v38l-44-22z"/>
    <path fill="${c.light}" d="M120 14q48 44 40 120l-10 46H90l-10-46q-8-76 40-120z"/><path fill="${c.main}" d="M120 14q24 22 34 54H86q10-32 34-54z"/>
    <path fill="#000" opacity=".1" d="M120 14q48 44 40 120l-10 46h-22q22-90-8-166z"/><circle cx="120" cy="100" r="21" fill="${c.shade}"/><circle cx="120" cy="100" r="13" fill="#fff" opacity=".85"/><path fill="${c.main}" d="M88 168h64l-2 12H90z"/>`,
  puzzle: (c) => `
    <g transform="rotate(-8 120 124)">
    <path fill="${c.main}" d="M40 44h72v22q-20-8-20 14t20 14v26H84q8-20-14-20t-14 20H40z"/>
    <path fill="${c.accent}" d="M120 44h72v76h-22q8 20-14 20t-14-20h-22V94q-20 8-20-14t20-14z"/>
    <path fill="${c.light}" d="M40 128h16q-8-20 14-20t14 20h28v30q20-8 20 14t-20 14v18H40z"/>
    <path fill="${c.shade}" d="M152 140l6 22 30-8 6 24q20-12 26 6t-20 18l5 18-70 6-8-30q-20 10-24-10t18-18l-6-18z" transform="translate(6 -2)"/></g>`,
} satisfies Record<string, Drawing>;

import type { Kind } from './drawings.ts';
import type { Colours } from './drawing.ts';

/** The colourways of each kind; a kind is recognised by its background from across the page. */
export const palettes: Readonly<Record<Kind, readonly Colours[]>> = {
  coffee: [
    colours('#f4eadd', '#e7d4bb', '#7a4a2e', '#583320', '#d3a878', '#d96c3f', '#3b2419'),
    colours('#f0e7da', '#e2cfb4', '#a8552f', '#7d3b1f', '#e6bd8d', '#3f6b5c', '#3b2419'),
    colours('#f4ebe0', '#e5d6c4', '#3d4a44', '#28332e', '#c9b48f', '#d9963f', '#33241a'),
  ],
  kitchen: [
    colours('#eaf0e6', '#d3e0ca', '#3f6b52', '#2c4e3b', '#d9b98a', '#e07a4b', '#21382b'),
    colours('#e9efe4', '#cfddc6', '#c4543a', '#943a26', '#e3c79d', '#f0b24a', '#21382b'),
    colours('#ecf0e8', '#d6e0cf', '#47525a', '#313a41', '#cdb58d', '#cf8f3c', '#21382b'),
  ],
  stationery: [
    colours('#f7efd8', '#eeddae', '#2f4b7c', '#213659', '#a9bcd9', '#e2574c', '#1f2a44'),
    colours('#f6eed6', '#ebd9a6', '#c8503f', '#96382b', '#f0b8a6', '#2f5d8a', '#1f2a44'),
    colours('#f8f0da', '#efdfb4', '#4a7a6a', '#34594d', '#b5d3c4', '#e39a2f', '#1f2a44'),
  ],
  audio: [
    colours('#e6e8ee', '#cfd4e0', '#2e3548', '#1e2332', '#a3adc4', '#ff7a4d', '#191d2a'),
    colours('#e5e8ef', '#ccd3e2', '#5b6fa8', '#40507f', '#bfcbe8', '#f4b942', '#191d2a'),
    colours('#e8e9ed', '#d3d6df', '#b5473c', '#83302a', '#e7b7ab', '#f2c14e', '#191d2a'),
  ],
  clothing: [
    colours('#f3e6e4', '#e8cdc8', '#b4564f', '#8b3f3a', '#efc3b4', '#33566b', '#40211f'),
    colours('#f2e7e4', '#e5cfc9', '#33566b', '#243f4f', '#a8c3cf', '#e28a5b', '#40211f'),
    colours('#f4e9e5', '#e9d3ca', '#5f6b45', '#454f31', '#cdd1a8', '#d9743f', '#40211f'),
  ],
  outdoor: [
    colours('#e1edee', '#c5dcde', '#e0733a', '#b35424', '#f3c494', '#f5b83d', '#1d3a40'),
    colours('#e0ecee', '#c2dade', '#2f6f73', '#215256', '#a9d0c8', '#f28a3c', '#1d3a40'),
    colours('#e3eded', '#c9ddda', '#5a7d3c', '#415c2a', '#c9d99c', '#f0a93a', '#1d3a40'),
  ],
  books: [
    colours('#efe8f1', '#dccfe2', '#4b3a78', '#352857', '#b7a5dd', '#f2a65a', '#2b2144'),
    colours('#efe8f0', '#dbcee0', '#1f5f6b', '#16464f', '#9fd0cc', '#f4c95d', '#2b2144'),
    colours('#f0e9f0', '#dfd2df', '#b8435a', '#8a2f42', '#f1b5b0', '#f7d070', '#2b2144'),
  ],
  home: [
    colours('#f6e9dc', '#edd0b5', '#c66b3d', '#964c28', '#f0c9a0', '#3f7268', '#43281a'),
    colours('#f5e8dc', '#eaceb6', '#3f7268', '#2d544c', '#b7d3c3', '#e2703f', '#43281a'),
    colours('#f6eadf', '#ecd5bf', '#8a6a9b', '#654b73', '#d8c2de', '#eaa243', '#43281a'),
  ],
  beauty: [
    colours('#f8e7ea', '#f0ccd3', '#d0798b', '#a5576a', '#f6d5d3', '#b3912f', '#4b2530'),
    colours('#f7e7e9', '#eecbd1', '#7a9e87', '#597a65', '#d6e5d3', '#c98a3a', '#4b2530'),
    colours('#f8e9eb', '#f0d1d6', '#9b5f87', '#744364', '#e8c7dd', '#e0a24b', '#4b2530'),
  ],
  toys: [
    colours('#e2f0f8', '#c3e0f0', '#e2574c', '#2f6fa8', '#ffd166', '#35a58a', '#1c3b57'),
    colours('#e1eff8', '#c0def0', '#2f7fc1', '#1f5c91', '#ffd88a', '#f2643d', '#1c3b57'),
    colours('#e4f1f7', '#c8e3ee', '#a9713f', '#7d4f28', '#ecc795', '#e2574c', '#1c3b57'),
  ],
};

function colours(
  background: string,
  halo: string,
  main: string,
  shade: string,
  light: string,
  accent: string,
  ink: string,
): Colours {
  return { background, halo, main, shade, light, accent, ink };
}

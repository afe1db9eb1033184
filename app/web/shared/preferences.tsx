import { chooseLanguage, language } from './language.ts';
import { type Language, languages } from './pick-language.ts';
import { chooseTheme, type Theme, theme } from './theme.ts';
import { sharedWords } from './words.ts';

const names: Readonly<Record<Language, string>> = { ko: '한국어', en: 'English' };
const themes: readonly Theme[] = ['system', 'light', 'dark'];

/** Switches of language and colours. */
export function Preferences() {
  const words = sharedWords.value;
  return (
    <div class="row preferences">
      <label class="field">
        {words.language}
        <select
          value={language.value}
          onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}
        >
          {languages.map((name) => (
            <option key={name} value={name} lang={name}>
              {names[name]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {words.theme}
        <select value={theme.value} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
          {themes.map((name) => (
            <option key={name} value={name}>
              {words.themes[name]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

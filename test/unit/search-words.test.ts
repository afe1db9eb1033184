import { expect } from 'chai';
import {
  matchesName,
  queryWords,
  searchName,
  searchTerms,
  termStart,
} from '../../app/catalogue/search-words.ts';

/**
 * Finds a name as the list does: first the database by the stored words, then the app by the query's words.
 */
const finds = (query: string, name: string): boolean => {
  const words = queryWords(query);
  return words.every((word) => searchName(name).includes(word)) && matchesName(words, name);
};

describe('the words of a search', () => {
  it('are the distinct runs of letters and digits, in order', () => {
    expect(queryWords('T-shirt, size 42 (t_shirt)')).to.deep.equal(['t', 'shirt', 'size', '42']);
    expect(queryWords('스테인리스 텀블러/500ml')).to.deep.equal(['스테인리스', '텀블러', '500ml']);
  });

  it('do not depend on case, accents, width or composition', () => {
    for (const text of ['café', 'CAFÉ', 'cafe', 'ｃａｆé', 'cafe\u0301']) {
      expect(queryWords(text), text).to.deep.equal(['cafe']);
    }
    expect(queryWords('텀블러'.normalize('NFD'))).to.deep.equal(['텀블러']);
  });

  it('are folded, including sigma, sharp s, long s, ligatures and the Turkish i', () => {
    const same = [
      ['Κόσμος', 'κοσμοσ', 'ΚΌΣΜΟΣ', 'κόσμος'],
      ['Straße', 'STRASSE', 'STRAẞE', 'strasse', 'ſtraße'],
      ['İstanbul', 'istanbul', 'ISTANBUL', 'ıstanbul'],
      ['ﬃx', 'FFIX', 'ffix'],
      ['Ꭰ', 'ꭰ'],
      ['ᾳ', 'ᾼ', 'ΑΙ'],
    ];
    for (const spellings of same) {
      for (const text of spellings)
        expect(queryWords(text), text).to.deep.equal(queryWords(spellings[0] ?? ''));
    }
  });

  it('have one sigma wherever it stands', () => {
    expect(queryWords('ΚΟΣΜΟΣ')).to.deep.equal(['κοσμοσ']);
  });

  it('do not depend on invisible characters', () => {
    for (const text of [
      'Tee\u00adkanne',
      'Tee\u200bkanne',
      '\ufeffTeekanne',
      'Teekanne\u202e',
      'T\ufe0feekanne\u{e0020}',
    ]) {
      expect(queryWords(text), JSON.stringify(text)).to.deep.equal(['teekanne']);
    }
  });

  it('keep marks that distinguish letters', () => {
    expect(queryWords('ガラス')).to.deep.equal(['ガラス']);
    expect(queryWords('แก้ว')).to.deep.equal(['แก้ว']);
  });

  it('are none in text without letters or digits', () => {
    for (const text of ['', '   ', '%_\\', '"+-*()<>~@', "'; --", '☕', '\u200d', '\u3164']) {
      expect(queryWords(text), text).to.deep.equal([]);
    }
  });

  it('never contain a wildcard of LIKE', () => {
    expect(queryWords('100%_sure\\ ').join()).to.equal('100,sure');
  });

  it('are the first ten within the first 200 characters', () => {
    const words = Array.from({ length: 13 }, (_, index) => `w${index}`);
    expect(queryWords(words.join(' '))).to.deep.equal(words.slice(0, 10));
    expect(queryWords(`${'a'.repeat(300)} b`)).to.deep.equal(['a'.repeat(200)]);
    expect(queryWords('ﷺ'.repeat(200)).join('').length).to.be.at.most(400);
  });

  it('have 400 letters together, and none is empty', () => {
    // Each ligature becomes three letters: ten words of 55.
    const long = Array.from({ length: 10 }, (_, index) => `${'ﬃ'.repeat(18)}${index}`).join(' ');
    const words = queryWords(long);
    expect(words.join('')).to.have.lengthOf(400);
    expect(words).to.have.lengthOf(8);
  });
});

describe('a search', () => {
  it('finds compounds written with or without a blank', () => {
    expect(finds('스테인리스텀블러', '스테인리스 텀블러 500ml')).to.equal(true);
    expect(finds('리스텀', '스테인리스 텀블러')).to.equal(true);
    expect(finds('스테인리스 텀블러', '스테인리스텀블러')).to.equal(true);
    expect(finds('tshirt', 'Basic T-Shirt')).to.equal(true);
    expect(finds('tshirt', 'T-Shirt blue')).to.equal(true);
    expect(finds('edelstahlbecher', 'Becher aus Edelstahl')).to.equal(false);
    expect(finds('edelstahlbecher', 'Edelstahl-Becher')).to.equal(true);
    expect(finds('全自動', '全 自動')).to.equal(true);
  });

  it('does not match across the boundary of two words', () => {
    expect(finds('hat', 'Bowl with a tray')).to.equal(false);
    expect(finds('hat', 'Bowl that stays')).to.equal(true);
    expect(finds('bowl hat', 'Bowl with a tray'), 'one of two words').to.equal(false);
  });
});

describe('the terms of a name', () => {
  it('are its suffixes, so that every part of it is a prefix of one', () => {
    expect(searchTerms(searchName('유리컵 no'))).to.have.members(['유리컵no', '리컵no', '컵no', 'no', 'o']);
  });

  it('are truncated, and a long word still matches by its beginning', () => {
    const terms = searchTerms(searchName('abcdefghijklmnopqrstuvwxyz'));
    expect(terms[0]).to.equal('abcdefghijkl');
    expect(terms).to.include(termStart('cdefghijklmnopqrstuvw'));
  });

  it('are never truncated inside a character', () => {
    const letters = '𠮷'.repeat(20);
    expect(searchTerms(searchName(letters))[0]).to.equal('𠮷'.repeat(12));
    expect(searchName('𠮷'.repeat(500)).isWellFormed()).to.equal(true);
  });

  it('are bounded by the longest name', () => {
    expect(searchTerms(searchName('ﷺ'.repeat(200))).length).to.be.at.most(400);
  });
});

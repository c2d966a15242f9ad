/** Author, country, year of birth, then their books: title, year, genre. */
export const CATALOGUE: readonly [
  name: string,
  country: string,
  born: number,
  books: readonly [string, number, string][],
][] = [
  [
    'Jane Austen',
    'United Kingdom',
    1775,
    [
      ['Sense and Sensibility', 1811, 'novel'],
      ['Pride and Prejudice', 1813, 'novel'],
      ['Emma', 1815, 'novel'],
    ],
  ],
  [
    'Mary Shelley',
    'United Kingdom',
    1797,
    [
      ['Frankenstein', 1818, 'science fiction'],
      ['The Last Man', 1826, 'science fiction'],
    ],
  ],
  [
    'Victor Hugo',
    'France',
    1802,
    [
      ['Notre-Dame de Paris', 1831, 'novel'],
      ['Les Misérables', 1862, 'novel'],
    ],
  ],
  [
    'Alexandre Dumas',
    'France',
    1802,
    [
      ['The Three Musketeers', 1844, 'adventure'],
      ['The Count of Monte Cristo', 1846, 'adventure'],
    ],
  ],
  [
    'Charles Dickens',
    'United Kingdom',
    1812,
    [
      ['Oliver Twist', 1838, 'novel'],
      ['Bleak House', 1853, 'novel'],
      ['Great Expectations', 1861, 'novel'],
    ],
  ],
  [
    'Charlotte Brontë',
    'United Kingdom',
    1816,
    [
      ['Jane Eyre', 1847, 'novel'],
      ['Villette', 1853, 'novel'],
    ],
  ],
  [
    'Herman Melville',
    'United States',
    1819,
    [
      ['Moby-Dick', 1851, 'adventure'],
      ['Bartleby, the Scrivener', 1853, 'short stories'],
    ],
  ],
  [
    'George Eliot',
    'United Kingdom',
    1819,
    [
      ['Silas Marner', 1861, 'novel'],
      ['Middlemarch', 1871, 'novel'],
    ],
  ],
  [
    'Fyodor Dostoevsky',
    'Russia',
    1821,
    [
      ['Crime and Punishment', 1866, 'novel'],
      ['The Brothers Karamazov', 1880, 'novel'],
    ],
  ],
  [
    'Jules Verne',
    'France',
    1828,
    [
      ['Around the World in Eighty Days', 1872, 'adventure'],
      ['The Mysterious Island', 1875, 'adventure'],
    ],
  ],
  [
    'Leo Tolstoy',
    'Russia',
    1828,
    [
      ['War and Peace', 1869, 'novel'],
      ['Anna Karenina', 1878, 'novel'],
    ],
  ],
  [
    'Lewis Carroll',
    'United Kingdom',
    1832,
    [
      ["Alice's Adventures in Wonderland", 1865, 'children'],
      ['Through the Looking-Glass', 1871, 'children'],
    ],
  ],
  [
    'Louisa May Alcott',
    'United States',
    1832,
    [
      ['Little Women', 1868, 'children'],
      ['Jo’s Boys', 1886, 'children'],
    ],
  ],
  [
    'Mark Twain',
    'United States',
    1835,
    [
      ['The Adventures of Tom Sawyer', 1876, 'children'],
      ['Life on the Mississippi', 1883, 'memoir'],
    ],
  ],
  [
    'Robert Louis Stevenson',
    'United Kingdom',
    1850,
    [
      ['Treasure Island', 1883, 'adventure'],
      ['Kidnapped', 1886, 'adventure'],
    ],
  ],
  [
    'Selma Lagerlöf',
    'Sweden',
    1858,
    [
      ['Gösta Berling’s Saga', 1891, 'novel'],
      ['The Wonderful Adventures of Nils', 1906, 'children'],
    ],
  ],
  [
    'Arthur Conan Doyle',
    'United Kingdom',
    1859,
    [
      ['The Sign of the Four', 1890, 'crime'],
      ['The Hound of the Baskervilles', 1902, 'crime'],
    ],
  ],
  [
    'H. G. Wells',
    'United Kingdom',
    1866,
    [
      ['The Time Machine', 1895, 'science fiction'],
      ['The War of the Worlds', 1898, 'science fiction'],
    ],
  ],
  [
    'Natsume Sōseki',
    'Japan',
    1867,
    [
      ['I Am a Cat', 1906, 'novel'],
      ['Kokoro', 1914, 'novel'],
    ],
  ],
  [
    'L. M. Montgomery',
    'Canada',
    1874,
    [
      ['Anne of Green Gables', 1908, 'children'],
      ['Rilla of Ingleside', 1921, 'children'],
    ],
  ],
  [
    'Virginia Woolf',
    'United Kingdom',
    1882,
    [
      ['Mrs Dalloway', 1925, 'novel'],
      ['To the Lighthouse', 1927, 'novel'],
    ],
  ],
  [
    'Karel Čapek',
    'Czechia',
    1890,
    [
      ['R.U.R.', 1920, 'science fiction'],
      ['War with the Newts', 1936, 'science fiction'],
    ],
  ],
];

export const BRANCHES = ['Main Library', 'Harbour Branch', 'Hill Branch'] as const;

/** Combined in all ways, these give the members. */
export const GIVEN_NAMES = ['Amara', 'Bjørn', 'Chen', 'Dalia', 'Emeka', 'Fatima', 'Grace', 'Hiro'] as const;
export const FAMILY_NAMES = ['Okafor', 'Lindqvist', 'Wei', 'Haddad', 'Moreau'] as const;

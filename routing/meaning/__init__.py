"""What the words of the rule language mean: three values, words, time, tables, samples. Pure, and knows no rules."""

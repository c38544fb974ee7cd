"""Words of vendors: headings, texts of cells and names of money, in English, French, German and Spanish."""

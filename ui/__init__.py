"""The web page. Streamlit is imported below this package only."""

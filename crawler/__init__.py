"""The Scrapy project and the application: spiders, capture, schedule, command line."""
